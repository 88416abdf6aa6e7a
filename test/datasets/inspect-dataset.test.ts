import { expect, it } from 'vitest';
import { inspectDataset } from '../../certification/datasets/inspect-dataset.ts';
import { openTestDataset } from './read-test-file.ts';

it('an inspection of 8-bit images counts labels and gives their range in input units', async () => {
  const dataset = await openTestDataset({ uri: 'divided-by-255.npz' });
  expect(await inspectDataset(dataset)).toEqual({
    examples: 2,
    shape: [1, 16, 16],
    kind: 'uint8',
    sha256: dataset.sha256,
    onLattice: true,
    values: { min: 0, max: 1 },
    read: 2,
    unreadable: [],
    labels: [
      { label: 0, examples: 1 },
      { label: 3, examples: 1 },
    ],
    warnings: [],
  });
});

it('an inspection of float32 features says that they are off the lattice, and how far they reach', async () => {
  const dataset = await openTestDataset({ uri: 'features.npz' });
  const values = await Promise.all([0, 1, 2, 3].map(async (index) => Array.from((await dataset.read(index)).values)));
  expect(await inspectDataset(dataset)).toMatchObject({
    onLattice: false,
    kind: 'float32',
    values: { min: Math.min(...values.flat()), max: Math.max(...values.flat()) },
    labels: [0, 1, 3, 9].map((label) => ({ label, examples: 1 })),
  });
});
