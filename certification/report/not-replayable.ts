/** Stands above whatever is printed of a run whose noise a device drew by itself. */
export const NOT_REPLAYABLE =
  "NOT REPLAYABLE: CUDA's own generator drew the noise, and nobody can draw these samples again.";
