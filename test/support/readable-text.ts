/** Everything that a message has to read, by line: its strings, and its bytes as one character each. */
export function readableText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(readableText).join('\n');
}
