import { expect, it } from 'vitest';
import { findFaults } from './checks/find-faults.ts';
import { matrix } from './checks/permission-matrix.ts';
import { deploy } from './support/account.ts';
import { allIdentities, synthesize } from './support/synthesize.ts';
const { templates } = synthesize(allIdentities);
it('x', () => {
  console.log(matrix(deploy(templates)).length);
  expect(findFaults(templates)).toEqual([]);
});
