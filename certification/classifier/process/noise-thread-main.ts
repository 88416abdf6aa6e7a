/** A thread of a noise ring (noise-ring.ts): draws what it is told, one request after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { createNoiseThread, type SharedRing, type ThreadMessage, type ThreadReply } from './noise-thread.ts';

const reply = (message: ThreadReply) => {
  parentPort?.postMessage(message);
};
const draw = createNoiseThread(workerData as SharedRing, (drawn) => {
  reply({ drawn });
});
let turn: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ThreadMessage) => {
  turn = turn
    .then(() => draw(message))
    .catch((error: unknown) => {
      reply({ error: error instanceof Error ? error.message : String(error) });
    });
});
