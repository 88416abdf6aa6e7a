import { checkIndex } from './dataset.ts';

/** A listing that comes in parts, a part for each file: which part an example is in, and which of its examples it is. */
export interface Parts {
  readonly examples: number;
  /** @param index from 0 to `examples − 1`. */
  find(index: number): { readonly part: number; readonly within: number };
  /** @returns the first example of a part. */
  start(part: number): number;
}

/** @param sizes how many examples each part has. */
export function partsOf(sizes: readonly number[]): Parts {
  const starts: number[] = [];
  let examples = 0;
  for (const size of sizes) {
    starts.push(examples);
    examples += size;
  }
  return {
    examples,
    start: (part) => starts[part],
    find(index) {
      checkIndex(index, examples);
      // The last part that starts at or before it: of empty parts that share its start, the last isn't empty.
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (starts[middle] <= index) low = middle;
        else high = middle - 1;
      }
      return { part: low, within: index - starts[low] };
    },
  };
}
