/** Names the first field in which two records differ, with both values; undefined where they are equal. */
export function firstDifference(
  a: Record<string, unknown>,
  b: Record<string, unknown>,
  path: string,
): string | undefined {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [x, y] = [a[key], b[key]];
    if (JSON.stringify(x) === JSON.stringify(y)) continue;
    if (isRecord(x) && isRecord(y)) {
      // Equal but for the order of their keys, they don't differ.
      const inner = firstDifference(x, y, `${path}.${key}`);
      if (inner === undefined) continue;
      return inner;
    }
    return `${path}.${key} is ${JSON.stringify(x)} there and ${JSON.stringify(y)} here`;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
