import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runSequentialExample } from './sequential-example.ts';
import { simulateSequential } from './sequential-simulation.ts';

const checkout = fileURLToPath(new URL('..', import.meta.url));

/**
 * Sequential against fixed mode: (a) on the probabilities of published logs, which lie beside the checkout or where PERIMETER_PEERS says,
 * (b) on the Fashion-MNIST example. `--only a` or `--only b` leaves the other out, and `--examples N` cuts (b) short.
 */
export async function benchSequential(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { only: { type: 'string' }, examples: { type: 'string' } },
  });
  const { only, examples } = values;
  if (only !== 'b') simulateSequential(process.env.PERIMETER_PEERS ?? join(checkout, '../shared/peers'));
  if (only !== 'a') await runSequentialExample(examples === undefined ? {} : { examples: Number(examples) });
}
