import { Session } from 'node:inspector/promises';

/** Bytes in use after a garbage collection. */
export interface HeapUsage {
  /** Of this thread. */
  readonly main: number;
  /** Of the worker threads together: Temporal's SDK runs workflows in one. */
  readonly threads: number;
  /** Of the whole process: now, and the most that it ever was. */
  readonly rss: number;
  readonly mostRss: number;
}

/** Measures this process by its own debugger, which sees the heaps of its worker threads too. */
export async function heapUsage(): Promise<HeapUsage> {
  const session = new Session();
  session.connect();
  try {
    const main = await usedAfterCollection((method) => session.post(method));
    const threads = await usedByThreads(session);
    // In kilobytes (getrusage(2)).
    const mostRss = process.resourceUsage().maxRSS * 1_024;
    return { main, threads, rss: process.memoryUsage.rss(), mostRss };
  } finally {
    session.disconnect();
  }
}

type Post = (method: string) => Promise<unknown>;

async function usedAfterCollection(post: Post): Promise<number> {
  await post('HeapProfiler.collectGarbage');
  return ((await post('Runtime.getHeapUsage')) as { usedSize: number }).usedSize;
}

async function usedByThreads(session: Session): Promise<number> {
  let id = 0;
  const waiting = new Map<number, (result: unknown) => void>();
  const ids: string[] = [];
  session.on('NodeWorker.attachedToWorker', ({ params }) => ids.push(params.sessionId));
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const message = JSON.parse(params.message) as { id?: number; result?: unknown };
    if (message.id !== undefined) waiting.get(message.id)?.(message.result);
  });
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  let used = 0;
  for (const sessionId of ids) {
    used += await usedAfterCollection(async (method) => {
      const own = ++id;
      const answer = new Promise((resolve) => waiting.set(own, resolve));
      await session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id: own, method }) });
      return answer;
    });
  }
  await session.post('NodeWorker.disable');
  return used;
}
