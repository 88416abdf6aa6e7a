/** More wrong tokens than people mistype; a guess among those of 16 characters needs very many more. */
const FAILURES_ALLOWED = 10;
const WINDOW_MS = 60_000;
/** Of addresses that are remembered; the longest known is forgotten first. */
const MAX_ADDRESSES = 1_000;

/** Counts wrong tokens by the address that they come from. */
export interface FailureThrottle {
  /** Seconds until a token from there is looked at again; 0 where it is now. */
  wait(address: string): number;
  failed(address: string): void;
}

/**
 * Begins to count. Behind a proxy everyone comes from its address: who has a session is not asked for the token.
 *
 * @param now the time in milliseconds.
 */
export function failureThrottle(now: () => number = () => performance.now()): FailureThrottle {
  const failures = new Map<string, number[]>();
  const recent = (address: string) => (failures.get(address) ?? []).filter((at) => now() - at < WINDOW_MS);
  return {
    wait: (address) => {
      const times = recent(address);
      return times.length < FAILURES_ALLOWED ? 0 : Math.ceil((times[0] + WINDOW_MS - now()) / 1_000);
    },
    failed: (address) => {
      const times = [...recent(address), now()].slice(-FAILURES_ALLOWED);
      failures.delete(address);
      failures.set(address, times);
      const [oldest] = failures.keys();
      if (failures.size > MAX_ADDRESSES) failures.delete(oldest);
    },
  };
}
