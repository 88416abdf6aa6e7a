import type { CertifiedResults } from '../certified-results.ts';
import { upperEnvelope, whyNoEnvelope } from '../upper-envelope.ts';
import type { ExtraSeries } from './extra-series.ts';
import { scaleSymbols } from './setting-texts.ts';

/** The upper envelope over several amounts of noise, as a row of a table or a curve of a plot, and its bound. */
export interface EnvelopeSeries {
  readonly envelope: ExtraSeries;
  /** The envelope's label where no note goes with it. */
  readonly longLabel: string;
  readonly lower: ExtraSeries;
}

/**
 * The upper envelope of results of several amounts of noise, and its lower bound at one radius; or a sentence why they have
 * none; or undefined where all have the same noise, so that nobody would look for one.
 */
export function envelopeSeries(results: readonly CertifiedResults[]): EnvelopeSeries | string | undefined {
  const [{ setting }] = results;
  const isSame = ({ setting: { law, scale } }: CertifiedResults) => law === setting.law && scale === setting.scale;
  if (results.every(isSame)) return undefined;
  const why = whyNoEnvelope(results);
  if (why !== undefined) return why;
  const { of, examples, rho, at } = upperEnvelope(results);
  const noise = results.every(({ setting: { law } }) => law === setting.law) ? scaleSymbols[setting.law] : 'noise';
  return {
    longLabel: `upper envelope (best ${noise}, chosen after looking)`,
    envelope: {
      label: 'upper envelope',
      note: `Upper envelope: the best ${noise} at each radius, chosen after looking; no single classifier has it.`,
      examples,
      certifiedAt: (radius) => at(radius).certified,
    },
    lower: {
      label: 'its lower bound',
      note:
        `Its lower bound: what the best of the ${of} classifiers truly reaches at a radius chosen beforehand, with ` +
        `probability 1 − ${rho}, corrected for the choice by a union over the ${of} (each at ρ/${of}).`,
      examples,
      certifiedAt: (radius) => Math.round(at(radius).lower * examples),
    },
  };
}
