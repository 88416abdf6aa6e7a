/** Samples `from` to `to` of the segment at `segment`, at rows `row`, `row + 1`, … of a batch. */
export interface BatchPart {
  readonly segment: number;
  readonly row: number;
  readonly from: number;
  readonly count: number;
}

/**
 * Lays segments of samples out in batches of `batchSize` rows.
 *
 * Mixed, the rows are filled one segment after another, so that only the last batch has rows to spare. Unmixed, a
 * batch holds one example, and its sample s sits at row s mod batchSize: every batch is then a function of the
 * example alone, as results must be where a row's logits depend on its place. The rows beyond a segment's end are
 * drawn too (they are that example's own next samples) and count for nothing, unless the next segment goes on with them.
 *
 * @param segments sample ranges; unmixed, `from` must be a multiple of `batchSize`, or go on where the segment before it ended.
 */
export function planBatches({
  segments,
  batchSize,
  mixed,
}: {
  segments: readonly { readonly example: number; readonly from: number; readonly to: number }[];
  batchSize: number;
  mixed: boolean;
}): BatchPart[][] {
  const batches: BatchPart[][] = [];
  let batch: BatchPart[] = [];
  let row = 0;
  const close = () => {
    if (batch.length > 0) batches.push(batch);
    batch = [];
    row = 0;
  };
  segments.forEach(({ example, from, to }, segment) => {
    const before = segments[segment - 1] as (typeof segments)[number] | undefined;
    const goesOn = before?.example === example && before.to === from;
    if (!mixed && !goesOn) close();
    if (!mixed && from % batchSize !== row)
      throw new RangeError(`An unmixed segment begins at a batch, not at ${from}.`);
    let sample = from;
    while (sample < to) {
      const count = Math.min(batchSize - row, to - sample);
      batch.push({ segment, row, from: sample, count });
      sample += count;
      row += count;
      if (row === batchSize) close();
    }
  });
  close();
  return batches;
}

/** The parts of a batch as they are drawn. An unmixed batch is drawn whole, beyond what is counted: it is all one example's. */
export function partsToDraw(
  batch: readonly BatchPart[],
  { batchSize, mixed }: { batchSize: number; mixed: boolean },
): readonly BatchPart[] {
  return mixed ? batch : [{ ...batch[0], count: batchSize }];
}
