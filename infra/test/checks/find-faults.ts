import { deploy } from '../support/account.ts';
import { resolveIntrinsics, type Template } from '../support/resolve-intrinsics.ts';
import { permissionFaults } from './permission-faults.ts';
import { principalFaults } from './principal-faults.ts';
import { propertyFaults } from './property-faults.ts';
import { trustFaults } from './trust-faults.ts';

/**
 * All that is wrong with an installation: a sentence each, none where nothing is.
 *
 * @param templates by the names of their stacks, of an app with all identities.
 */
export function findFaults(templates: Record<string, Template>): string[] {
  const account = deploy(templates);
  const resolved = resolveIntrinsics(templates);
  return [
    ...permissionFaults(account),
    ...trustFaults(account),
    ...principalFaults(resolved),
    ...propertyFaults(resolved),
  ];
}
