/**
 * Adds up how long a device has been busy with batches that overlap.
 *
 * @returns called at the end of each with when it was begun (`performance.now()`): the milliseconds since then in which no batch that
 * ended before was under way.
 */
export function createBusyClock(): (started: number) => number {
  let ended = 0;
  return (started) => {
    const now = performance.now();
    const spent = now - Math.max(started, ended);
    ended = now;
    return spent;
  };
}
