/** The certified radii of some examples (−1 where the certificate isn't correct), and the radius that is asked of them. */
export interface AskedRadii {
  readonly radii: Float64Array;
  readonly radius: number;
}

/** Positions of the examples that changed, ascending. */
export interface PairedChanges {
  /** Certified before and not now. */
  readonly lost: number[];
  /** Certified now and not before. */
  readonly gained: number[];
}

/** Which of the same examples, in the same order, are certified at a radius in one result and not in another. */
export function pairedChanges(before: AskedRadii, now: AskedRadii): PairedChanges {
  const changes: PairedChanges = { lost: [], gained: [] };
  now.radii.forEach((own, at) => {
    const was = before.radii[at] >= before.radius;
    const is = own >= now.radius;
    if (was && !is) changes.lost.push(at);
    if (is && !was) changes.gained.push(at);
  });
  return changes;
}
