import type { SignedRun } from '../certification/sign-run.ts';
import { shownLocation } from './shown-location.ts';

/** What is said of a run's signature. */
export function signatureLine({ fingerprint, url }: SignedRun): string {
  return `Signed by key ${fingerprint}: ${shownLocation(url)}`;
}
