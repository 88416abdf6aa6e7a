import { drawnOf, intervalOf, samplesIn, type Looks, type Tally } from './tally.ts';

/** What goes to a model process in one request: sample ranges, each within one interval between looks. */
export type Piece = readonly Range[];

interface Range {
  readonly tally: Tally;
  readonly from: number;
  readonly to: number;
}

export interface SampleQueue {
  /**
   * The next samples to draw, whole batches of them where there are enough: at most `batches`, and few where little is left, so that
   * all places finish together.
   *
   * @returns 'wait' where what is in flight may fill a batch that would now be part empty, 'done' where nothing more will come.
   */
  next(batches: number): Piece | 'wait' | 'done';
  /** Says that a piece's samples are in their tallies: what their looks ask for next joins the queue. */
  finish(piece: Piece): void;
}

interface Entry {
  readonly tally: Tally;
  /** The look that its first samples are for. */
  readonly look: number;
  from: number;
  readonly to: number;
}

/**
 * The samples that open examples ask for, cheapest look first, then in the order given. An example asks for its samples up to its next
 * look; where a batch would have rows to spare, for some of those after it.
 */
export function createSampleQueue({
  tallies,
  looks,
  batchSize,
  mixed,
  places,
}: {
  tallies: readonly Tally[];
  looks: Looks;
  batchSize: number;
  mixed: boolean;
  places: number;
}): SampleQueue {
  const most = looks.at[looks.at.length - 1];
  const position = new Map(tallies.map((tally, at) => [tally, at]));
  const inFlight = new Map<Tally, number>();
  const queue: Entry[] = [];

  const placeOf = (tally: Tally) => position.get(tally) ?? 0;
  const enqueue = (tally: Tally, from: number, to: number) => {
    const look = intervalOf(looks, from);
    const place = placeOf(tally);
    const at = queue.findIndex((other) => other.look > look || (other.look === look && placeOf(other.tally) > place));
    queue.splice(at < 0 ? queue.length : at, 0, { tally, look, from, to });
  };
  const askedOf = (tally: Tally) => drawnOf(tally) + samplesIn(tally.pending);
  /** Asks for samples up to the next look: unmixed, to the end of a batch, which is drawn whole in any case. */
  const ask = (tally: Tally) => {
    const from = askedOf(tally);
    const next = looks.at[tally.seen.length];
    if (tally.over || from >= next) return;
    const to = mixed ? next : Math.min(most, Math.ceil(next / batchSize) * batchSize);
    tally.pending.push([from, to]);
    enqueue(tally, from, to);
  };
  for (const tally of tallies) {
    for (const [from, to] of tally.pending) enqueue(tally, from, to);
    ask(tally);
  }

  const mayGrow = () => [...inFlight.keys()].some((tally) => !tally.over && askedOf(tally) < most);
  /** Gives a last batch's spare rows to its own examples' next samples. */
  const fill = (taken: Range[], rows: number) => {
    let spare = (batchSize - (rows % batchSize)) % batchSize;
    for (const { tally, to } of [...taken]) {
      if (spare === 0) return;
      const asked = askedOf(tally);
      const extra = Math.min(spare, most - asked);
      if (to !== asked || extra === 0) continue;
      tally.pending.push([asked, asked + extra]);
      taken.push({ tally, from: asked, to: asked + extra });
      spare -= extra;
    }
  };

  return {
    next: (batches) => {
      for (let at = queue.length - 1; at >= 0; at--) if (queue[at].tally.over) queue.splice(at, 1);
      const ready = queue.reduce((sum, { from, to }) => sum + to - from, 0);
      if (ready === 0) return inFlight.size > 0 && mayGrow() ? 'wait' : 'done';
      if (mixed && ready < batchSize && mayGrow()) return 'wait';
      // Where more may come, this is whole batches: half of what is ready, and at least one.
      const fair = Math.ceil(ready / (2 * places * batchSize));
      let room = Math.max(1, Math.min(fair, batches)) * batchSize;
      let rows = 0;
      const taken: Range[] = [];
      while (room > 0 && queue.length > 0) {
        const [next] = queue;
        const to = Math.min(next.to, next.from + room);
        taken.push({ tally: next.tally, from: next.from, to });
        const drawn = to - next.from;
        // An unmixed batch is one example's alone, so a short end costs a whole batch.
        const cost = mixed ? drawn : Math.ceil(drawn / batchSize) * batchSize;
        room -= cost;
        rows += cost;
        if (to === next.to) queue.shift();
        else next.from = to;
      }
      if (mixed) fill(taken, rows);
      for (const { tally, from, to } of taken) inFlight.set(tally, (inFlight.get(tally) ?? 0) + to - from);
      return taken.flatMap(({ tally, from, to }) => atLooks({ looks, from, to }).map((range) => ({ tally, ...range })));
    },
    finish: (piece) => {
      for (const { tally, from, to } of piece) {
        const left = (inFlight.get(tally) ?? 0) - (to - from);
        if (left > 0) inFlight.set(tally, left);
        else inFlight.delete(tally);
      }
      for (const tally of new Set(piece.map((range) => range.tally))) ask(tally);
    },
  };
}

/** A sample range cut where looks are taken. */
function atLooks({ looks, from, to }: { looks: Looks; from: number; to: number }): { from: number; to: number }[] {
  const cuts = [from, ...looks.at.filter((look) => look > from && look < to), to];
  return cuts.slice(1).map((end, at) => ({ from: cuts[at], to: end }));
}
