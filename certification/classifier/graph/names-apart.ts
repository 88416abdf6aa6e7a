/**
 * New names for those of `names` that are also in `others`: the old ones behind a prefix, none of them in either set.
 *
 * @param names those of one graph, say
 * @param others those of the graph that it is to stand beside
 */
export function namesApart(
  names: ReadonlySet<string>,
  others: ReadonlySet<string>,
  prefix: string,
): Map<string, string> {
  const taken = new Set([...names, ...others]);
  const newNames = new Map<string, string>();
  for (const name of names) {
    if (!others.has(name)) continue;
    let candidate = `${prefix}${name}`;
    while (taken.has(candidate)) candidate = `${prefix}${candidate}`;
    taken.add(candidate);
    newNames.set(name, candidate);
  }
  return newNames;
}
