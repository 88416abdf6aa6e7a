import { expect } from 'vitest';
import { PerimeterError } from '../../certification/perimeter-error.ts';

/** The sentence that a dataset is refused with. */
export async function refusal(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => new Error('it was read'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PerimeterError);
  expect(error).toMatchObject({ code: 'InvalidDataset' });
  return (error as PerimeterError).message;
}
