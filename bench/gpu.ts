import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './gpu/arguments.ts';
import { measureModels } from './gpu/measure-models.ts';
import { keepResults } from './gpu/keep-results.ts';
import type { Row } from './gpu/results.ts';
import { resultsTable } from './gpu/results-table.ts';
import { startLineProcess } from './gpu/line-process.ts';

/**
 * The sampler on a GPU against the bare model and against PyTorch's published loop; docs/performance.md tells what is
 * measured. `--device cpu` tries it without a GPU.
 */
export async function benchGpu(args: readonly string[]): Promise<void> {
  const asked = readArguments(args);
  const { results, add } = keepResults(asked.out);
  const folder = await mkdtemp(join(tmpdir(), 'perimeter-bench-'));
  const torch = startLineProcess(asked.python, [
    fileURLToPath(new URL('./gpu/torch/torch_process.py', import.meta.url)),
  ]);
  try {
    await measureModels({
      asked,
      torch,
      folder,
      add: (result) => {
        add(result);
        if (result.type === 'row') process.stderr.write(`${progressLine(result)}\n`);
      },
    });
  } finally {
    torch.close();
    await rm(folder, { recursive: true, force: true });
  }
  process.stdout.write(resultsTable(results));
}

/** A row, for whoever watches. */
function progressLine(row: Row): string {
  const { model, precision, batch, what } = row;
  const figure =
    row.status === 'measured' ? `${Math.round(row.samplesPerSecond)} samples/s` : `not measured: ${row.reason}`;
  return `${model}, ${precision}, batch ${batch}, ${what}: ${figure}`;
}
