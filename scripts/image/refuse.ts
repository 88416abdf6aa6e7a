/** Ends a build with one sentence. */
export function refuse(sentence: string): never {
  process.stderr.write(`\n${sentence}\n`);
  process.exit(1);
}
