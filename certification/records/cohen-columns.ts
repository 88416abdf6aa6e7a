/** The columns that `certify.py` of Cohen et al. writes (github.com/locuslab/smoothing), in its order. */
export const cohenHeader = ['idx', 'label', 'predict', 'radius', 'correct', 'time'] as const;

/** What stands in the column `predict` where there is no certificate. */
export const COHEN_ABSTAIN = -1;
