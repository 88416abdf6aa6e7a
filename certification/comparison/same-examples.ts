import { canonicalJson } from '../records/canonical-json.ts';
import type { Claim } from '../records/claim.ts';

/** Whether two claims are of the same examples, in the same order: then their runs can be compared in pairs. */
export function sameExamples({ dataset: one }: Claim, { dataset: other }: Claim): boolean {
  const identity = ({ sha256, digestOf, stride, count, indices }: Claim['dataset']) =>
    canonicalJson({ sha256, digestOf, stride, count, indices });
  return identity(one) === identity(other);
}
