import { philox4x32 } from '../certification/noise/philox4x32.ts';

export const killKinds = ['sampler', 'model process', 'control worker', 'Temporal server', 'all'] as const;
export type KillKind = (typeof killKinds)[number];

export interface Kill {
  /** Since the run's start. */
  readonly atSeconds: number;
  readonly kind: KillKind;
  /** Which sampler, where it is one's turn. */
  readonly sampler: number;
}

/**
 * Kills at random, the same for the same seed: in each stretch of a minute over `killsAMinute` one, at any moment of it,
 * of any kind, each as likely as another. Without end.
 */
export function* killPlan({
  seed,
  killsAMinute,
  samplers,
}: {
  seed: number;
  killsAMinute: number;
  samplers: number;
}): Generator<Kill, never> {
  const stretch = 60 / killsAMinute;
  for (let at = 0; ; at++) {
    const [when, which, whose] = philox4x32({ counter: [at, 0, 0, 0], key: [seed, 0] });
    yield {
      atSeconds: stretch * (at + when / 2 ** 32),
      kind: killKinds[which % killKinds.length],
      sampler: whose % samplers,
    };
  }
}
