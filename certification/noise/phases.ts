/**
 * What samples are for: the last word of Philox's counter, so that no noise serves twice. Its top bit is kept for the
 * refinement stream.
 */
export const phases = {
  selection: 0,
  estimation: 1,
  /** The fixed batch whose logits make the arithmetic fingerprint. */
  probe: 2,
} as const;

export type Phase = (typeof phases)[keyof typeof phases];
