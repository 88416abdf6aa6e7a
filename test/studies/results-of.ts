import type { CertifiedResults, CertifiedSetting } from '../../certification/report/certified-results.ts';
import { curveSlack } from '../../certification/smoothing/curve-slack.ts';
import { exactCountBound } from '../../certification/smoothing/exact-count-bound.ts';

/** Results whose examples have these radii (−1: not certified, or not correct), with a curve at `curveAt`. */
export function resultsOf({
  name,
  radii,
  curveAt = [0, 0.25, 0.5],
  ...more
}: {
  name: string;
  radii: readonly number[];
  curveAt?: readonly number[];
} & Partial<CertifiedSetting>): CertifiedResults {
  const setting: CertifiedSetting = {
    ...{ mode: 'fixed', norm: 'l2', law: 'gaussian', scale: 0.25, n0: 100, n: 10_000, alpha: 0.001, rho: 0.001 },
    ...more,
  };
  const { alpha, rho } = setting;
  const examples = radii.length;
  const sum = radii.reduce((total, radius) => total + Math.max(0, radius), 0);
  return {
    name,
    setting,
    summary: {
      ...{
        mode: setting.mode,
        claim: '0'.repeat(64),
        examples,
        certified: examples,
        abstained: 0,
        skipped: 0,
        failed: 0,
      },
      ...{ samples: 0, skippedSamples: 0, cleanAccuracy: 1, abstentionRate: 0, averageCertifiedRadius: sum / examples },
      rho,
      curve: curveAt.map((radius) => {
        const certified = radii.filter((own) => own >= radius).length;
        const lower = exactCountBound({ examples, certified, alpha, rho }) / examples;
        const wholeCurveLower = Math.max(0, certified - curveSlack({ examples, alpha, rho })) / examples;
        return { radius, certified, accuracy: certified / examples, lower, wholeCurveLower };
      }),
      perClass: [],
    },
    indices: Float64Array.from(radii, (_, at) => at),
    labels: new Int32Array(examples),
    radii: Float64Array.from(radii),
    notes: [],
  };
}
