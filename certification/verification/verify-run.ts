import { codeDigest } from '../code-digest.ts';
import { generationsAmong } from '../generations.ts';
import { IMAGE_STEPS_PER_UNIT } from '../lattice-example.ts';
import { parsePlan } from '../plan-run.ts';
import { PerimeterError } from '../perimeter-error.ts';
import { readExamples } from '../read-examples.ts';
import { hasReplayableNoise, type Claim } from '../records/claim.ts';
import type { Manifest } from '../records/manifest.ts';
import type { Plan } from '../records/plan.ts';
import type { Request } from '../records/request.ts';
import { runFiles } from '../records/run-keys.ts';
import { digestDataset, type DigestedDataset } from '../sources.ts';
import { checkSignatureBytes } from '../signing/check-signature-bytes.ts';
import type { Store } from '../storage/store.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkFiles, getIfThere } from './check-files.ts';
import { checkGeneration } from './check-generation.ts';
import { checkIndex } from './check-index.ts';
import { checkClaim, checkDataset, checkModel, find } from './check-inputs.ts';
import { checkNoise } from './check-noise.ts';
import { checkPlan, checkSeed } from './check-plan.ts';
import { checkResults } from './check-results.ts';
import { checkThumbnails } from './check-thumbnails.ts';
import { failed, noted, passed, type Check } from './check.ts';
import { parseManifest } from './parse-manifest.ts';
import { parseRecord } from './parse-record.ts';
import { replayRows, type ReplayOptions } from './replay-rows.ts';
import { shardFiles } from './shard-files.ts';

export interface VerifyOptions extends ReplayOptions {
  /** The run's own folder. */
  readonly folder: Store;
  /** Of the run's results; by default the newest. */
  readonly generation?: number | undefined;
  /** Where the inputs are, where not at the places that the plan names. */
  readonly inputs: Partial<Pick<Request, 'model' | 'dataset' | 'labels' | 'classes'>>;
  /** The trusted key, PEM. */
  readonly publicKey?: string | undefined;
  /** The text that the reviewer had handed in before the run. */
  readonly challenge?: string | undefined;
  /** Told of each check when it is done. */
  readonly onCheck: (check: Check) => void;
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
    options.onCheck({ ...check, detail: oneLine(check.detail) });
  };
  const generation =
    options.generation ?? generationsAmong(await folder.list(runFiles.generations)).published.at(-1) ?? 1;
  const manifestFile = runFiles.inGeneration(runFiles.manifest, generation);
  const bytes = await getFile(folder, manifestFile);
  if (bytes === undefined) {
    throw new PerimeterError(
      'NotFound',
      `${folder.url(manifestFile)} is not there: name the folder of a finished run.`,
    );
  }
  tell(await checkSignature({ folder, generation, manifest: bytes, publicKey }));
  const manifest = parseManifest(bytes, generation);
  if (manifest === undefined) {
    tell(failed('manifest', `${manifestFile} is no manifest, or was changed`));
    return sound;
  }
  tell(passed('manifest', `run ${manifest.run}, digest ${manifest.digests.run.slice(0, 16)}…`));
  const { check, files, previous } = await checkFiles(folder, manifest);
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
  if (generation > 1) tell(await checkGeneration({ folder, plan, manifest, previous, files }));
  await checkEvidence({ ...options, plan, manifest, files, tell });
  return sound;
}

/** Most characters of a detail: part of it may be a forger's text. */
const MOST_SHOWN = 600;

/** A detail as the one line that it is: what can move a terminal's cursor or break the line is shown by its number. */
function oneLine(detail: string): string {
  const text = detail.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

/** A file's bytes; undefined where there is none, or a thing without an end that only looks like one. */
async function getFile(folder: Store, key: string): Promise<Uint8Array | undefined> {
  return (await folder.has(key)) ? getIfThere(folder, key) : undefined;
}

async function checkSignature({
  folder,
  generation,
  manifest,
  publicKey,
}: {
  folder: Store;
  generation: number;
  manifest: Uint8Array;
  publicKey: string | undefined;
}): Promise<Check> {
  const file = runFiles.inGeneration(runFiles.signature, generation);
  const bytes = await getFile(folder, file);
  if (bytes === undefined) {
    return publicKey === undefined
      ? noted('signature', 'none')
      : failed('signature', `there is no ${file} to check with the key`);
  }
  const outcome = checkSignatureBytes({ manifest, bytes, ...(publicKey !== undefined && { publicKey }) });
  if (outcome.status === 'invalid') return failed('signature', outcome.reason);
  const key = `Ed25519, key ${outcome.fingerprint.slice(0, 16)}…`;
  return publicKey === undefined
    ? noted('signature', `${key}; --public-key tells whose`)
    : passed('signature', `${key}, the one given`);
}

function readPlan(files: ReadonlyMap<string, Uint8Array>): Plan | undefined {
  const bytes = files.get(runFiles.plan);
  if (bytes === undefined || parseRecord(bytes) === undefined) return undefined;
  try {
    return parsePlan(bytes, runFiles.plan);
  } catch {
    return undefined;
  }
}

interface Evidence extends VerifyOptions {
  readonly plan: Plan;
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly tell: (check: Check) => void;
}

/** The rows, their results, their noise and their inputs. */
async function checkEvidence(options: Evidence) {
  const { plan, manifest, files, tell, sampler, replay } = options;
  const { claim } = plan;
  const request = { ...plan.request, ...options.inputs };
  const model = await find(() => sampler.loadModel(request, { fresh: true }));
  const dataset = await find(async () => {
    const opened = await sampler.loadDataset(request, { fresh: true });
    return (await digestDataset(opened, claim)).dataset;
  });

  const movedOf = distances(claim, 'value' in dataset ? dataset.value : undefined);
  const { check, rows } =
    movedOf === undefined
      ? { check: failed('certificates', "to recompute them takes the claim's dataset: --dataset"), rows: undefined }
      : await checkCertificates({ plan, files, shardKeys: shardFiles(manifest), movedOf });
  tell(check);
  if (rows !== undefined) {
    tell(await checkResults({ plan, rows, files, manifest }));
  }
  if (claim.dataset.digestOf === 'examples') tell(checkIndex({ claim, bytes: files.get(runFiles.datasetIndex), rows }));
  tell(
    claim.stub === undefined
      ? await guarded('noise', () => checkNoise(plan))
      : noted('noise', 'none was drawn: the counts are of a stub'),
  );

  const absent = (name: string, reason: string) =>
    replay > 0
      ? failed(name, `${reason} Name it with --${name}, or skip the replay with --replay 0.`)
      : noted(name, `not looked at: ${reason}`);
  // Who asks whether a run is sound asks whether its certificates hold, and of a stub there are none.
  if (claim.stub !== undefined) tell(failed('model', 'none was run: a stub drew the counts, and nothing is certified'));
  else tell('value' in model ? checkModel(claim, model.value) : absent('model', model.reason));
  tell(
    'value' in dataset
      ? await guarded('dataset', () => Promise.resolve(checkDataset({ claim, dataset: dataset.value, rows })))
      : absent('dataset', dataset.reason),
  );
  if ('value' in dataset && dataset.value.sha256 === claim.dataset.sha256) {
    const bytes = files.get(runFiles.inGeneration(runFiles.thumbnails, manifest.generation ?? 1));
    const thumbnails = await checkThumbnails({ claim, bytes, dataset: dataset.value });
    if (thumbnails !== undefined) tell(thumbnails);
  }
  if (!('value' in model && 'value' in dataset)) return;
  const inputs = { model: model.value, dataset: dataset.value };
  if (inputs.model.sha256 !== claim.model.sha256 || inputs.dataset.sha256 !== claim.dataset.sha256) {
    tell(failed('replay', 'not begun: the inputs are others'));
    return;
  }
  const claimCheck = await guarded('claim', () => checkClaim({ claim, request: plan.request, ...inputs }));
  tell(claimCheck);
  if (!hasReplayableNoise(claim)) {
    const why = "not replayable: CUDA's own generator drew the samples";
    const instead =
      "they can't be drawn again; --replay 0 checks all else: digests, signature, and results from counts";
    tell(replay === 0 ? noted('replay', why) : failed('replay', `${why}, and ${instead}`));
    return;
  }
  if (replay === 0) {
    tell(noted('replay', 'none was asked for'));
    return;
  }
  if (rows === undefined || claimCheck.status === 'failed') {
    const reason = rows === undefined ? 'there are no rows to compare with' : "the claim isn't the request's";
    tell(failed('replay', `not begun: ${reason}`));
    return;
  }
  tell(await guarded('replay', () => replayRows({ ...options, ...inputs, rows })));
}

/**
 * How far each example was moved to its lattice point, by its index; undefined where only a dataset that isn't here can tell.
 *
 * @param found the dataset that is here, the claim's or another.
 */
function distances(claim: Claim, found: DigestedDataset | undefined): ((index: number) => Promise<number>) | undefined {
  const { sampling, noise, dataset } = claim;
  const own = found?.sha256 === dataset.sha256 && found.examples === dataset.examples ? found : undefined;
  const onLattice = own === undefined ? noise.stepsPerUnit === IMAGE_STEPS_PER_UNIT : own.kind === 'uint8';
  if (onLattice || sampling.mode === 'predict') return () => Promise.resolve(0);
  if (own === undefined) return undefined;
  return async (index) => (index < own.examples ? (await readExamples(own, [index], noise))[0].moved : 0);
}

/** A check that can't be made of what the run left has failed. */
async function guarded(name: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    // The statistics and the noise refuse numbers that no run has.
    if (error instanceof PerimeterError || error instanceof RangeError) {
      return failed(name, `it can't be made: ${error.message}`);
    }
    throw error;
  }
}
