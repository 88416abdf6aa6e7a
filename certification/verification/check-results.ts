import { makeResults } from '../make-results.ts';
import type { Row } from '../records/certificate.ts';
import type { Plan } from '../records/plan.ts';
import { failed, passed, type Check } from './check.ts';

/** Makes summary, tables, curve and page anew of the rows and compares them with the run's byte for byte. */
export async function checkResults({
  plan,
  rows,
  files,
}: {
  plan: Plan;
  rows: readonly Row[];
  files: ReadonlyMap<string, Uint8Array>;
}): Promise<Check> {
  const { results } = await makeResults(plan, rows);
  const others = results.filter(({ name, bytes }) => {
    const found = files.get(name);
    return found === undefined || Buffer.compare(found, bytes) !== 0;
  });
  return others.length === 0
    ? passed('results', `${results.length} files, made anew of the rows: the same bytes`)
    : failed('results', `${others.map(({ name }) => name).join(', ')}: not what the rows make`);
}
