import type { CertifiedResults } from '../certified-results.ts';

/**
 * Where two results aren't of the same examples in the same order, the first thing in which they differ, as the rest of a
 * sentence that begins with the two; undefined where they are, as far as they say what they are of.
 */
export function firstUnlikeExample(a: CertifiedResults, b: CertifiedResults): string | undefined {
  const shorter = Math.min(a.indices.length, b.indices.length);
  for (let at = 0; at < shorter; at += 1) {
    const place = `at row ${at + 1}`;
    if (a.indices[at] !== b.indices[at]) {
      return `${place} the one has example ${a.indices[at]}, the other example ${b.indices[at]}`;
    }
    if (a.labels[at] !== b.labels[at]) {
      return `${place} example ${a.indices[at]} has label ${a.labels[at]} in the one and ${b.labels[at]} in the other`;
    }
  }
  if (a.indices.length !== b.indices.length) {
    return `the one has ${a.indices.length} examples, the other ${b.indices.length}`;
  }
  return unlikeDatasets(a.dataset, b.dataset);
}

function unlikeDatasets(one: CertifiedResults['dataset'], other: CertifiedResults['dataset']): string | undefined {
  // Digests of files and of examples say nothing of each other.
  if (one === undefined || other === undefined || one.digestOf !== other.digestOf) return undefined;
  if (one.sha256 === other.sha256) return undefined;
  const [first, second] = [one.sha256, other.sha256].map((digest) => digest.slice(0, 12));
  return `their datasets have other digests (${first}… and ${second}…)`;
}
