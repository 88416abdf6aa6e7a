import { PerimeterError } from '../../perimeter-error.ts';
import { normSymbols, type Norm } from '../../records/norm.ts';
import type { CertifiedResults } from '../certified-results.ts';

/**
 * The norm that the radii of all results are of.
 *
 * @param results at least one
 * @throws PerimeterError `InvalidRequest` where they are of several: such radii can't stand in one column.
 */
export function oneNorm(results: readonly CertifiedResults[]): Norm {
  const [{ name, setting }] = results;
  const other = results.find((each) => each.setting.norm !== setting.norm);
  if (other === undefined) return setting.norm;
  throw new PerimeterError(
    'InvalidRequest',
    `The radii of ${name} are of the ${normSymbols[setting.norm]} norm and those of ${other.name} of the ` +
      `${normSymbols[other.setting.norm]} norm, which can't be compared: name results of one norm.`,
  );
}
