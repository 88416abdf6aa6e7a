import { performance } from 'node:perf_hooks';
import { codeDigest } from '../code-digest.ts';
import { latticeExample, IMAGE_STEPS_PER_UNIT } from '../lattice-example.ts';
import { noiseKey } from '../noise/noise-key.ts';
import { parsePlan } from '../plan-run.ts';
import { PerimeterError } from '../perimeter-error.ts';
import { recordBytes } from '../records/canonical-json.ts';
import { claimedIndex, seedlessDigest } from '../records/claim.ts';
import { manifestSchema, runDigest, type Manifest } from '../records/manifest.ts';
import type { Plan } from '../records/plan.ts';
import type { Request } from '../records/request.ts';
import { runFiles } from '../records/run-keys.ts';
import type { Sampler } from '../sampler.ts';
import { checkSignatureBytes } from '../signing/check-signature-bytes.ts';
import type { Store } from '../storage/store.ts';
import { auditNoise } from './audit-noise.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkFiles, getIfThere } from './check-files.ts';
import { checkClaim, checkDataset, checkModel, find } from './check-inputs.ts';
import { checkPlan, checkSeed } from './check-plan.ts';
import { checkArithmetic, checkReplay } from './check-replay.ts';
import { checkResults } from './check-results.ts';
import { failed, noted, passed, type Check } from './check.ts';
import { chooseRows, replayExamples } from './replay-examples.ts';

/** Most examples whose noise is audited; of large inputs the first few are enough. */
const AUDITED = 256;

export interface VerifyOptions {
  /** The run's own folder. */
  readonly folder: Store;
  readonly sampler: Sampler;
  /** The share of the examples to draw anew, 0 to 1. */
  readonly replay: number;
  /** Chooses which. */
  readonly replaySeed: string;
  /** Where the inputs are, where not at the places that the plan names. */
  readonly inputs: Partial<Pick<Request, 'model' | 'dataset' | 'labels'>>;
  /** The trusted key, PEM. */
  readonly publicKey?: string | undefined;
  /** The text that the reviewer had handed in before the run. */
  readonly challenge?: string | undefined;
  /** Told of each check when it is done. */
  readonly onCheck: (check: Check) => void;
  readonly onReplay?: ((replayed: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks a run without trusting whoever made it: every file against the manifest, the manifest against its signature, the plan against
 * what was committed to, every row and result against the counts, the noise against its law, model and dataset against the claim, and a
 * share of the examples by drawing them anew.
 *
 * @returns whether every check passed, or noted something that is no fault.
 * @throws PerimeterError `NotFound` where the folder holds no finished run; `InvalidRequest` for a key that is none.
 */
export async function verifyRun(options: VerifyOptions): Promise<boolean> {
  const { folder, publicKey } = options;
  let sound = true;
  const tell = (check: Check) => {
    if (check.status === 'failed') sound = false;
    options.onCheck(check);
  };
  const bytes = await getIfThere(folder, runFiles.manifest);
  if (bytes === undefined) {
    throw new PerimeterError(
      'NotFound',
      `${folder.url(runFiles.manifest)} is not there: name the folder of a finished run.`,
    );
  }
  tell(await checkSignature(folder, bytes, publicKey));
  const manifest = parseManifest(bytes);
  if (manifest === undefined) {
    tell(failed('manifest', `${runFiles.manifest} is no manifest, or was changed`));
    return sound;
  }
  tell(passed('manifest', `run ${manifest.run}, digest ${manifest.digests.run.slice(0, 16)}…`));
  const { check, files } = await checkFiles(folder, manifest);
  tell(check);
  const plan = readPlan(files);
  const commitment = files.get(runFiles.commitment);
  if (plan === undefined || commitment === undefined) {
    tell(failed('plan', `${runFiles.plan} or ${runFiles.commitment} can't be read: nothing else can be checked`));
    return sound;
  }
  tell(checkPlan({ manifest, plan, commitment }));
  tell(checkSeed(plan, options.challenge));
  const here = codeDigest();
  tell(
    here === plan.claim.code
      ? passed('code', `digest ${here.slice(0, 16)}…, this version's`)
      : noted('code', 'made by another version of the code: last digits may differ'),
  );
  await checkEvidence({ ...options, plan, files, tell });
  return sound;
}

async function checkSignature(folder: Store, manifest: Uint8Array, publicKey: string | undefined): Promise<Check> {
  const bytes = await getIfThere(folder, runFiles.signature);
  if (bytes === undefined) {
    return publicKey === undefined
      ? noted('signature', 'none')
      : failed('signature', `there is no ${runFiles.signature} to check with the key`);
  }
  const outcome = checkSignatureBytes({ manifest, bytes, ...(publicKey !== undefined && { publicKey }) });
  if (outcome.status === 'invalid') return failed('signature', outcome.reason);
  const key = `Ed25519, by key ${outcome.fingerprint.slice(0, 16)}…`;
  return publicKey === undefined
    ? noted('signature', `${key}; whose? --public-key tells`)
    : passed('signature', `${key}, the one given`);
}

/** The manifest, if it is spelt as manifests are, and of its own objects. */
function parseManifest(bytes: Uint8Array): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success || Buffer.compare(recordBytes(parsed.data), bytes) !== 0) return undefined;
  return runDigest(parsed.data.objects) === parsed.data.digests.run ? parsed.data : undefined;
}

function readPlan(files: ReadonlyMap<string, Uint8Array>): Plan | undefined {
  const bytes = files.get(runFiles.plan);
  if (bytes === undefined) return undefined;
  try {
    return parsePlan(bytes, runFiles.plan);
  } catch {
    return undefined;
  }
}

/** The rows, their results, their noise and their inputs. */
async function checkEvidence(
  options: VerifyOptions & { plan: Plan; files: ReadonlyMap<string, Uint8Array>; tell: (check: Check) => void },
) {
  const { plan, files, tell, sampler, replay } = options;
  const { claim } = plan;
  const request = { ...plan.request, ...options.inputs };
  const model = await find(() => sampler.loadModel(request, { fresh: true }));
  const dataset = await find(() => sampler.loadDataset(request, { fresh: true }));

  const onLattice = claim.noise.stepsPerUnit === IMAGE_STEPS_PER_UNIT;
  const movedOf = async (index: number) =>
    onLattice || !('value' in dataset) ? 0 : latticeExample(await dataset.value.read(index), claim.noise).moved;
  const recomputed =
    onLattice || 'value' in dataset
      ? await checkCertificates({ plan, files, movedOf })
      : { check: failed('certificates', 'they can be recomputed with the dataset alone'), rows: undefined };
  tell(recomputed.check);
  const { rows } = recomputed;
  if (rows !== undefined) tell(await checkResults({ plan, rows, files }));
  tell(await checkNoise(plan));

  const absent = (name: string, reason: string) =>
    replay > 0
      ? failed(name, `${reason} Name it with --${name}, or skip the replay with --replay 0.`)
      : noted(name, `not looked at: ${reason}`);
  tell('value' in model ? checkModel(claim, model.value) : absent('model', model.reason));
  const labels = 'value' in dataset && (await checkDataset({ claim, dataset: dataset.value, rows }));
  tell(labels || absent('dataset', 'reason' in dataset ? dataset.reason : ''));
  if (!('value' in model && 'value' in dataset)) return;
  if (model.value.sha256 !== claim.model.sha256 || dataset.value.sha256 !== claim.dataset.sha256) {
    tell(failed('replay', 'not begun: the inputs are others'));
    return;
  }
  tell(await checkClaim({ claim, request: plan.request, model: model.value, dataset: dataset.value }));
  if (replay === 0) {
    tell(noted('replay', 'none was asked for'));
    return;
  }
  if (rows === undefined) {
    tell(failed('replay', 'not begun: there are no rows to compare with'));
    return;
  }
  const { normalisation } = claim.model;
  const { batchSize, threads } = claim.arithmetic;
  const opened = { model: model.value, normalisation, noise: claim.noise, batchSize, threads };
  const pool = await sampler.openPool(opened);
  const arithmetic = checkArithmetic(claim, pool);
  tell(arithmetic);
  const chosen = chooseRows(rows, { share: replay, seed: options.replaySeed });
  const started = performance.now();
  const replayed = await replayExamples({
    claim,
    pool,
    dataset: dataset.value,
    indices: chosen.map(({ index }) => index),
    onProgress: (done) => options.onReplay?.(done, chosen.length),
    signal: options.signal,
  });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const of = `${chosen.length} of ${rows.length} examples in ${seconds} s, seed ${options.replaySeed}`;
  tell(checkReplay({ rows: chosen, replayed, exact: arithmetic.status === 'passed', of }));
}

async function checkNoise({ claim }: Plan): Promise<Check> {
  const { noise, model, dataset, sampling } = claim;
  const step = Math.max(1, Math.floor(dataset.count / AUDITED));
  const positions = Array.from({ length: Math.min(AUDITED, dataset.count) }, (_, at) => at * step);
  const audit = await auditNoise({
    noise,
    key: noiseKey({ seed: claim.seed, claimDigest: seedlessDigest(claim) }),
    dimensions: model.shape.reduce((product, side) => product * side, 1),
    examples: positions.map((position) => claimedIndex(claim, position)),
    samples: sampling.n,
  });
  const rate = `false alarms ${audit.falseAlarmRate.toExponential(0)}`;
  const fault = audit.tests.find((test) => !test.passed);
  return fault === undefined
    ? passed('noise', `${audit.draws.toLocaleString('en')} integers, ${audit.tests.length} tests (${rate})`)
    : failed('noise', `${fault.name}: p = ${fault.pValue.toExponential(1)} (${rate})`);
}
