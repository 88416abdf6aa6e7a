import { randomUUID } from 'node:crypto';
import { PerimeterError } from '../perimeter-error.ts';
import type { Store } from './store.ts';

const FOLDER = '.perimeter-check';
const RACERS = 8;
/** The first race spreads over the time its connections take to open. */
const RACES = 3;

type Put = (store: Store, key: string, bytes: Uint8Array) => Promise<unknown>;
const putWhole: Put = (store, key, bytes) => store.putIfAbsent(key, bytes);
/** As what is too large for one request is written to S3: here in one part, which may be of any size. */
const putInParts: Put = async (store, key, bytes) => {
  const writer = await store.writeIfAbsent(key, { partBytes: bytes.length });
  await writer.write(bytes);
  await writer.finish();
};

/**
 * Tries whether a store can be written to, and whether it writes an object once: first one after another, in one request
 * and in parts, then in a race. Servers exist that speak S3 and ignore `If-None-Match`, or let several writers win; on those two workers could
 * overwrite each other's certificates without a word. Leaves nothing behind where it may delete.
 *
 * @throws PerimeterError `StoreRefused` with the reason, or the store's own error where it can't be written to
 */
export async function checkStore(store: Store): Promise<void> {
  const folder = `${FOLDER}/${randomUUID()}`;
  const twice = `${folder}/twice`;
  const parts = `${folder}/parts`;
  const races = Array.from({ length: RACES }, (_, at) => `${folder}/race-${at}`);
  try {
    await putTwice(store, twice, putWhole);
    await putTwice(store, parts, putInParts);
    for (const key of races) await race(store, key);
  } finally {
    // A bucket may keep what is written to it for good: then a few bytes stay.
    await Promise.allSettled([twice, parts, ...races].map((key) => store.remove(key)));
  }
}

async function putTwice(store: Store, key: string, put: Put): Promise<void> {
  const first = new TextEncoder().encode('first');
  await put(store, key, first);
  const second = await tryPut(store, key, 'second', put);
  const found = await store.get(key);
  if (second === 'created' || Buffer.compare(found, first) !== 0) {
    throw refusal(
      store,
      key,
      'a second write with If-None-Match: * replaced the first, so the server ignores the condition',
    );
  }
}

async function race(store: Store, key: string): Promise<void> {
  const racers = Array.from({ length: RACERS }, (_, racer) => `racer ${racer}`);
  const outcomes = await Promise.all(racers.map((text) => tryPut(store, key, text, putWhole)));
  const winners = racers.filter((_, racer) => outcomes[racer] === 'created');
  const found = new TextDecoder().decode(await store.get(key));
  if (winners.length !== 1 || winners[0] !== found) {
    const fault = `${winners.length} of ${RACERS} concurrent writes with If-None-Match: * were told they had created the object`;
    throw refusal(store, key, `${fault}, so the server does not check the condition and write in one step`);
  }
}

/** A put whose lost answer was asked for again reads `same`: every racer has bytes of its own, so it created them. */
async function tryPut(store: Store, key: string, text: string, put: Put): Promise<'created' | 'refused'> {
  try {
    await put(store, key, new TextEncoder().encode(text));
    return 'created';
  } catch (error) {
    if (error instanceof PerimeterError && error.code === 'DeterminismViolation') return 'refused';
    throw error;
  }
}

function refusal(store: Store, key: string, fault: string): PerimeterError {
  return new PerimeterError(
    'StoreRefused',
    `The store of ${store.url(key)} can't hold runs: ${fault}; use a server with conditional writes, such as AWS S3.`,
  );
}
