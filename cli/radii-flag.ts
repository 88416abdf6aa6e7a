import { InvalidArgumentError } from 'commander';

/** Parses radii, ascending: `0,0.25,0.5`. */
export function radiiFlag(text: string): number[] {
  const radii = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const ascending = radii.every((radius, at) => at === 0 || radius > radii[at - 1]);
  if (ascending && radii.every((radius) => radius >= 0 && radius < Infinity)) return radii;
  throw new InvalidArgumentError('Expected radii of at least 0, ascending, with commas between: 0,0.25,0.5.');
}
