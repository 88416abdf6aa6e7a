import type { BenchArguments } from './arguments.ts';
import type { BenchmarkedModel } from './benchmarked-model.ts';
import { batchesOf, type Precision } from './settings.ts';

/** What is measured side by side: one model, one precision, one batch size. */
export interface Group {
  readonly model: BenchmarkedModel;
  readonly precision: Precision;
  readonly batch: number;
  /** Whether it is its model's first: the paper's loop has its turns there, as it takes neither precision nor batch. */
  readonly first: boolean;
}

/**
 * The groups of a benchmark. What matters most comes first, as the time may be short: one batch of each model in each
 * precision, then the other batches.
 */
export function groupsOf({
  models,
  precisions,
  batches,
}: Pick<BenchArguments, 'models' | 'precisions' | 'batches'>): Group[] {
  const most = Math.max(...models.map((model) => batchesOf(model, batches).length));
  const groups: Group[] = [];
  for (let at = 0; at < most; at++) {
    for (const precision of precisions) {
      for (const model of models) {
        const own = batchesOf(model, batches);
        const first = !groups.some((group) => group.model === model);
        if (at < own.length) groups.push({ model, precision, batch: own[at], first });
      }
    }
  }
  return groups;
}
