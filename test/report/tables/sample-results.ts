import type { CertifiedResults, CertifiedSetting } from '../../../certification/report/certified-results.ts';
import { summarize } from '../../../certification/report/summarize.ts';
import {
  sampleCertificates,
  sampleClaim,
  sampleSequentialCertificates,
  sampleSequentialClaim,
} from '../sample-certificates.ts';

/** Results whose radii are given: −1 where the certificate isn't correct. */
export function resultsOf(
  radii: readonly number[],
  {
    setting,
    decided,
    ...more
  }: Partial<Omit<CertifiedResults, 'setting' | 'radii'>> & {
    setting?: Partial<CertifiedSetting>;
    /** The radii of sequential mode. */
    decided?: readonly number[];
  } = {},
): CertifiedResults {
  const examples = radii.length;
  const reach = Math.max(0.25, ...radii);
  const grid = decided ?? Array.from({ length: Math.ceil(reach / 0.25) + 1 }, (_, at) => at / 4);
  const mode = decided === undefined ? 'fixed' : 'sequential';
  const certified = radii.filter((radius) => radius >= 0).length;
  return {
    name: 'sample',
    setting: { mode, norm: 'l2', law: 'gaussian', scale: 0.25, n0: 100, n: 1000, alpha: 0.001, rho: 0.001, ...setting },
    summary: {
      mode,
      claim: 'c'.repeat(64),
      examples,
      ...{ certified, abstained: examples - certified, skipped: 0, failed: 0 },
      ...{ samples: examples * 1100, skippedSamples: 0 },
      ...{ cleanAccuracy: certified / examples, abstentionRate: 1 - certified / examples },
      averageCertifiedRadius: radii.reduce((sum, radius) => sum + Math.max(0, radius), 0) / examples,
      rho: 0.001,
      curve: grid.map((radius) => {
        const count = radii.filter((own) => own >= radius).length;
        return { radius, certified: count, accuracy: count / examples, lower: 0, wholeCurveLower: 0 };
      }),
      perClass: [],
    },
    indices: Float64Array.from(radii.keys()),
    labels: new Int32Array(examples),
    radii: Float64Array.from(radii),
    notes: [],
    ...more,
  };
}

/** Results of a run, with everything that a run's have. */
export function runResults(mode: 'fixed' | 'sequential', examples: number): CertifiedResults {
  const fixed = mode === 'fixed';
  const claim = fixed ? sampleClaim({ examples }) : sampleSequentialClaim({ examples });
  const rows = fixed ? sampleCertificates(claim) : sampleSequentialCertificates(claim);
  return {
    name: mode,
    setting: { mode, norm: 'l2', law: 'gaussian', scale: 0.25, n0: 100, n: 10_000, alpha: 0.001, rho: 0.001 },
    summary: summarize({ claim, claimDigest: '', certificates: rows }),
    indices: Float64Array.from(rows, (row) => row.index),
    labels: Int32Array.from(rows, (row) => row.label),
    radii: Float64Array.from(rows, (row) => (row.correct ? row.radius : -1)),
    notes: [],
  };
}
