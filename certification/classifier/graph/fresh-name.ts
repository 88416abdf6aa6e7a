/** A name that isn't taken, the wished one or that with underscores behind; it is taken from then on. */
export function freshName(taken: Set<string>, wished: string): string {
  let name = wished;
  while (taken.has(name)) name = `${name}_`;
  taken.add(name);
  return name;
}
