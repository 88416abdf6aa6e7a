import { createPublicKey } from 'node:crypto';
import { latestGeneration } from './generations.ts';
import { PerimeterError } from './perimeter-error.ts';
import { recordBytes } from './records/canonical-json.ts';
import { runKeys } from './records/run-keys.ts';
import { checkSignatureBytes } from './signing/check-signature-bytes.ts';
import { keyFingerprint } from './signing/key-fingerprint.ts';
import { signManifest } from './signing/sign-manifest.ts';
import type { Store } from './storage/store.ts';

export interface SignedRun {
  readonly run: string;
  /** The generation of the run's results that is signed. */
  readonly generation: number;
  /** Of the key that signed it: SHA-256 of its SPKI DER. */
  readonly fingerprint: string;
  /** Where the signature is. */
  readonly url: string;
}

/**
 * Signs a finished run: writes `signature.json` beside the newest manifest of its results. Doing it again with the same
 * key changes nothing.
 *
 * @param options.privateKey an Ed25519 private key, PKCS #8 in PEM; it stays in this process
 * @throws PerimeterError `NotFound` where there is no such run; `InvalidRequest` where it isn't finished, is signed
 *   already by another key, or `privateKey` isn't one; the store's own faults.
 */
export async function signRun(options: { store: Store; run: string; privateKey: string }): Promise<SignedRun> {
  const { store, run, privateKey } = options;
  const generation = (await latestGeneration(store, run)) ?? 1;
  const key = runKeys.signature(run, generation);
  const url = store.url(key);
  const manifest = await readManifest(store, run, generation);
  const signature = signManifest(manifest, privateKey);
  const fingerprint = keyFingerprint(createPublicKey(privateKey));
  try {
    const contentType = 'application/json';
    await store.putIfAbsent(key, recordBytes(signature), { contentType });
  } catch (error) {
    if (!(error instanceof PerimeterError) || error.code !== 'DeterminismViolation') throw error;
    const there = checkSignatureBytes({ manifest, bytes: await store.get(key) });
    if (there.status === 'valid' && there.fingerprint === fingerprint) return { run, generation, fingerprint, url };
    const sentence =
      there.status === 'valid'
        ? `Run ${run} is signed already, by the key ${there.fingerprint}, and a run bears one signature.`
        : `Run ${run} can't be signed: ${url} is there already, and is no signature of the run's manifest.`;
    throw new PerimeterError('InvalidRequest', sentence, { cause: error });
  }
  return { run, generation, fingerprint, url };
}

async function readManifest(store: Store, run: string, generation: number): Promise<Uint8Array> {
  try {
    return await store.get(runKeys.manifest(run, generation));
  } catch (error) {
    if (!(error instanceof PerimeterError) || error.code !== 'NotFound') throw error;
    if (await store.has(runKeys.plan(run))) {
      throw new PerimeterError(
        'InvalidRequest',
        `Run ${run} isn't finished: there is no ${store.url(runKeys.manifest(run))} yet to sign.`,
        { cause: error },
      );
    }
    throw new PerimeterError(
      'NotFound',
      `There is no run ${run} at ${store.url(runKeys.folder(run))}: --out says where runs are kept.`,
      { cause: error },
    );
  }
}
