/** Simulated time in seconds: actions in the order of their times, those of one time in the order of their planning. */
export interface Timeline {
  now(): number;
  /** @returns a function that calls the action off */
  after(seconds: number, action: () => void): () => void;
  /** Begins now, and goes on until the action says `false`. */
  every(seconds: number, action: () => boolean): void;
  /** Goes on until nothing is planned, or the time is over. */
  runUntil(end: number): void;
}

interface Planned {
  readonly at: number;
  readonly order: number;
  action: (() => void) | undefined;
}

export function createTimeline(): Timeline {
  let now = 0;
  let order = 0;
  const heap: Planned[] = [];

  const after: Timeline['after'] = (seconds, action) => {
    const planned: Planned = { at: now + seconds, order: order++, action };
    push(heap, planned);
    return () => {
      planned.action = undefined;
    };
  };
  const every: Timeline['every'] = (seconds, action) => {
    const turn = () => {
      if (action()) after(seconds, turn);
    };
    after(0, turn);
  };
  return {
    now: () => now,
    after,
    every,
    runUntil: (end) => {
      while (heap.length > 0 && heap[0].at <= end) {
        const next = pop(heap);
        now = next.at;
        next.action?.();
      }
      now = Math.max(now, end);
    },
  };
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Planned[], planned: Planned): void {
  let at = heap.push(planned) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(heap[at], heap[parent])) return;
    [heap[at], heap[parent]] = [heap[parent], heap[at]];
    at = parent;
  }
}

function pop(heap: Planned[]): Planned {
  const [first] = heap;
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) {
    heap[0] = last;
    let at = 0;
    for (;;) {
      const children = [2 * at + 1, 2 * at + 2].filter((child) => child < heap.length);
      const least = children.reduce((best, child) => (isBefore(heap[child], heap[best]) ? child : best), at);
      if (least === at) break;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }
  return first;
}
