import { chooseExamples } from '../draft-claim.ts';
import { jsonDigest, sha256Hex } from '../records/canonical-json.ts';
import type { Audited } from '../records/audit.ts';
import type { Request } from '../records/request.ts';
import { stubModelDigest } from '../records/stub.ts';
import { digestDataset, loadDataset } from '../sources.ts';
import { readObject } from '../storage/read-object.ts';

/** Keys of a request that say where and how it is carried out, and change no certificate. */
const EXECUTION = ['run', 'out', 'shardSize', 'concurrency', 'maxFailedShare'];

/**
 * What tells an audit from another: the digests of its model, of the examples that it certifies, and of the rest of its
 * request. Reads both inputs through, and needs no device.
 *
 * @throws PerimeterError `InvalidDataset`, `NotFound`, `StoreRefused`, `StoreUnavailable`.
 */
export async function identifyInputs(request: Request): Promise<Audited> {
  const { model, stub, ...rest } = request;
  const opened = await loadDataset(request);
  const { dataset } = await digestDataset(opened, { dataset: chooseExamples(request, opened) });
  const asked = Object.entries(rest).filter(([key]) => !EXECUTION.includes(key));
  return {
    model: stub === undefined ? sha256Hex(await readObject(model)) : stubModelDigest(stub),
    dataset: dataset.sha256,
    request: jsonDigest(Object.fromEntries(asked)),
  };
}
