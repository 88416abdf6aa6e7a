/** The label of what tests add to a cluster outside of the installation's namespace, by which it is found and removed. */
const [KEY, VALUE] = ['perimeter.test/made', 'true'] as const;

export const MADE_BY_TESTS: Readonly<Record<string, string>> = { [KEY]: VALUE };
export const MADE_BY_TESTS_SELECTOR = `${KEY}=${VALUE}`;
