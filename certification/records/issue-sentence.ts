import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

/**
 * What zod found at fault, as a sentence that names the key, what it is and what was expected.
 *
 * @param options.value what was parsed.
 * @param options.knownKeys for an unknown key the nearest of these is named, or all where none is near.
 * @param options.describeKey what a key that is missing is for.
 * @param options.expectation what a value has to be, by its path; zod's own words where left open.
 */
export function issueSentence(
  issue: z.core.$ZodIssue,
  {
    value,
    knownKeys,
    describeKey,
    expectation = () => undefined,
  }: {
    value: unknown;
    knownKeys: readonly string[];
    describeKey: (path: string) => string;
    expectation?: (path: string) => string | undefined;
  },
): string {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0];
    const near = closest(key, [...knownKeys]);
    const hint = distance(key, near) <= Math.max(2, near.length / 3) ? ` Did you mean "${near}"?` : '';
    return `unknown key "${path ? `${path}.` : ''}${key}".${hint || ` Known keys: ${knownKeys.join(', ')}.`}`;
  }
  const found = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
  if (found === undefined) return `"${path}" is missing; it is needed (${describeKey(path)})`;
  return `"${path}" is ${JSON.stringify(found)}, but ${expectation(path) ?? zodExpectation(issue)}.`;
}

function zodExpectation({ message }: z.core.$ZodIssue): string {
  return message.replace(/^Invalid input: /, '').replace(/^Too (small|big): /, 'it must be: ');
}
