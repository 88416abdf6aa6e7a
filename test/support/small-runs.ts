import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { createSampler, openClaimPool } from '../../certification/sampler.ts';
import type { Sampler } from '../../certification/sampler.ts';
import { signRun } from '../../certification/sign-run.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import type { Check } from '../../certification/verification/check.ts';
import { verifyRun, type VerifyOptions } from '../../certification/verification/verify-run.ts';
import type { Row } from '../../certification/records/certificate.ts';
import { claimedIndex } from '../../certification/records/claim.ts';
import type { Plan } from '../../certification/records/plan.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { replayExamples } from '../../certification/verification/replay-examples.ts';
import { linearModel } from '../models/linear-model.ts';
import { random } from '../models/random.ts';
import { forgeRun, type Forgery } from './forge-run.ts';
import { runLocally, writeInputs } from './run-locally.ts';
import { temporaryFolder } from './temporary-folder.ts';

const features = fileURLToPath(new URL('../datasets/files/features.npz', import.meta.url));
const CLASSES = 3;
/** As many as the labels of features.npz ask for. */
const FEATURE_CLASSES = 10;

/**
 * A model that is linear in its input.
 *
 * @param nudge added to one weight.
 */
export function smallModel({
  shape = [1, 4, 4],
  classes = CLASSES,
  nudge = 0,
}: { shape?: number[]; classes?: number; nudge?: number } = {}): Uint8Array {
  const size = shape.reduce((product, side) => product * side, 1);
  const next = random(11);
  const weights = Array.from({ length: classes }, () => Float32Array.from({ length: size }, () => next() - 0.5));
  weights[0][0] += nudge;
  return linearModel({ shape, weights, bias: weights.map(() => 0) });
}

/** 24 images as a user hands them in, with the model. */
export function smallInputs(folder: string): Pick<RequestInput, 'model' | 'dataset' | 'labels'> {
  const next = random(5);
  const images = Array.from({ length: 24 }, () => Uint8Array.from({ length: 16 }, () => Math.floor(256 * next())));
  const labels = images.map((_, at) => at % CLASSES);
  return writeInputs({ folder, model: smallModel(), images, labels, shape: [4, 4] });
}

export const modes = ['fixed', 'sequential', 'predict', 'features', 'features, sequential'] as const;
export type Mode = (typeof modes)[number];

/** A request of a few seconds' work in shards of 5, into `folder`. */
export function smallRequest(mode: Mode, folder: string): RequestInput {
  const common = { sigma: 0.25, n0: 20, n: 300, shardSize: 5, out: folder, run: 'small' };
  const radii = { radii: [0, 0.1, 0.25], n: 600 };
  if (mode.startsWith('features')) {
    const model = join(folder, 'features.onnx');
    writeFileSync(model, smallModel({ shape: [7], classes: FEATURE_CLASSES }));
    return { ...common, model, dataset: features, ...(mode === 'features' ? {} : radii) };
  }
  const request = { ...common, ...smallInputs(folder) };
  if (mode === 'fixed') return request;
  return mode === 'predict' ? { ...request, mode: 'predict' } : { ...request, ...radii };
}

/** A finished run. */
export async function smallRun(
  mode: Mode,
  folder: string,
  { privateKey, ...more }: Partial<RequestInput> & { privateKey?: string } = {},
) {
  const result = await runLocally({ ...smallRequest(mode, folder), ...more }, { processes: 1 });
  if (privateKey !== undefined) await signRun({ store: openStore(folder), run: result.run, privateKey });
  return result;
}

export interface Verification {
  readonly sound: boolean;
  readonly checks: readonly Check[];
  /** The checks that failed, by name. */
  readonly failed: readonly string[];
  /** What the check of a name found. */
  readonly of: (name: string) => Check | undefined;
}

/** Verifies runs with one sampler, whose model processes they share. */
export function createVerifier(): {
  verify: (folder: string, options?: Partial<VerifyOptions>) => Promise<Verification>;
  /** All of a plan's rows, drawn on this machine. */
  redraw: (plan: Plan) => Promise<Row[]>;
  close: Sampler['close'];
} {
  const sampler = createSampler({ processes: 1 });
  return {
    verify: async (folder, options) => {
      const checks: Check[] = [];
      const sound = await verifyRun({
        folder: openStore(folder),
        sampler,
        replay: 1,
        replaySeed: 'test',
        inputs: {},
        onCheck: (check) => checks.push(check),
        ...options,
      });
      return {
        sound,
        checks,
        failed: checks.filter(({ status }) => status === 'failed').map(({ name }) => name),
        of: (name) => checks.find((check) => check.name === name),
      };
    },
    redraw: async ({ claim, request }) => {
      const model = await sampler.loadModel(request);
      const dataset = await sampler.loadDataset(request);
      const pool = await openClaimPool(sampler, claim, model);
      const indices = Array.from({ length: claim.dataset.count }, (_, at) => claimedIndex(claim, at));
      return replayExamples({ claim, pool, dataset, indices });
    },
    close: () => sampler.close(),
  };
}

/** Signed runs of some modes, made before a file's tests, and what verifies them. */
export function signedRuns(some: readonly Mode[]) {
  const { verify, redraw, close } = createVerifier();
  const keys = newKeyPair();
  const runs = new Map<Mode, string>();
  const runOf = (mode: Mode) => runs.get(mode) ?? '';
  beforeAll(async () => {
    for (const mode of some) {
      const { folder } = await smallRun(mode, temporaryFolder(afterAll), { privateKey: keys.privateKey });
      runs.set(mode, folder);
    }
  });
  afterAll(close);
  return {
    keys,
    runOf,
    verify,
    redraw,
    /** The checks that fail of a forgery, with every example drawn anew unless told. */
    caught: async (mode: Mode, forgery: Forgery, options: Partial<VerifyOptions> = {}) =>
      (await verify(await forgeRun(runOf(mode), forgery), options)).failed,
  };
}
