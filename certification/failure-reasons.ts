/** What a row says whose samples were all NaN. */
export function nanReason(samples: number, which = ''): string {
  return `the model gave NaN for all ${samples} samples${which && ` ${which}`}`;
}

/**
 * Whether a failed row's reason lies in the example and the model, so that drawing it anew gives the row again; others failed by what
 * befell their sampler or their shard.
 */
export function isOfTheExample(reason: string): boolean {
  return /^(the model gave NaN for all |its image )/.test(reason);
}
