import { normSymbols } from '../../records/norm.ts';
import type { CertifiedResults, CertifiedSetting } from '../certified-results.ts';
import { groupThousands } from '../group-thousands.ts';

/** What people call the scale of a law of noise. */
export const scaleSymbols: Readonly<Record<CertifiedSetting['law'], string>> = { gaussian: 'σ', uniform: 'λ' };

/** The noise, as `σ = 0.25`. */
export function noiseText({ law, scale }: CertifiedSetting): string {
  return `${scaleSymbols[law]} = ${scale}`;
}

/** The samples of an estimation, as `n = 100,000`, or in sequential mode `n ≤ 100,000`. */
export function samplesText({ mode, n }: CertifiedSetting): string {
  return `n ${mode === 'sequential' ? '≤' : '='} ${groupThousands(n)}`;
}

/** One setting in words: noise, samples, level. */
export function settingText(setting: CertifiedSetting): string {
  return `${noiseText(setting)}, n0 = ${groupThousands(setting.n0)}, ${samplesText(setting)}, α = ${setting.alpha}`;
}

/** What all of some results have in common, as a sentence: examples, samples, level, norm. */
export function commonSetting(results: readonly CertifiedResults[]): string {
  const norm = `radii of the ${normSymbols[results[0].setting.norm]} norm in input units`;
  return `${[...commonParts(results), norm].join(', ')}.`;
}

/** The same but for the norm, part by part; none where they have nothing in common. */
export function commonParts(results: readonly CertifiedResults[]): string[] {
  const [{ setting, radii }] = results;
  const all = (text: (each: CertifiedResults) => unknown) => new Set(results.map(text)).size === 1;
  return [
    ...(all((each) => each.radii.length) ? [`${groupThousands(radii.length)} examples`] : []),
    ...(all((each) => each.setting.n0) ? [`n0 = ${groupThousands(setting.n0)}`] : []),
    ...(all((each) => samplesText(each.setting)) ? [samplesText(setting)] : []),
    ...(all((each) => each.setting.alpha) ? [`α = ${setting.alpha}`] : []),
  ];
}
