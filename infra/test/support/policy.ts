/** A statement of a policy, with nothing left to resolve. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: string | Record<string, string | string[]>;
  readonly Action: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** What somebody asks to do. */
export interface Question {
  /** The ARN of a role or user, or the name of a service. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** What is known of the request besides; a key that isn't there is unknown to AWS too. */
  readonly context: Readonly<Record<string, string>>;
}

export const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

const patterns = new Map<string, RegExp>();

/** A pattern of IAM's: `*` any characters, slashes among them, and `?` one. */
export function matches(pattern: string, text: string): boolean {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    expression = new RegExp(`^${escaped}$`, 's');
    patterns.set(pattern, expression);
  }
  return expression.test(text);
}

/**
 * Whether AWS would allow it, of one account, by its documented logic: what any statement denies is denied, what none allows is
 * too (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
 *
 * @param policies those of the role, and that of the resource, whose statements have principals.
 * @throws Error where a statement has what isn't evaluated here, so that nothing passes unseen.
 */
export function decide(
  question: Question,
  policies: { identity: readonly Statement[]; resource: readonly Statement[] },
): { allowed: boolean; by?: Statement } {
  const applying = [
    ...policies.identity.filter((statement) => applies(statement, question)),
    ...policies.resource.filter((statement) => isMeant(statement, question) && applies(statement, question)),
  ];
  const denial = applying.find(({ Effect }) => Effect === 'Deny');
  const permission = applying.find(({ Effect }) => Effect === 'Allow');
  const by = denial ?? permission;
  return { allowed: denial === undefined && permission !== undefined, ...(by && { by }) };
}

const known = ['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'];

function applies(statement: Statement, { action, resource, context }: Question): boolean {
  const unknown = Object.keys(statement).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`A statement has ${unknown.join(', ')}, which isn't evaluated here.`);
  return (
    listOf(statement.Action).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    // A policy that says who may take a role on is of that role, and says no more.
    listOf(statement.Resource ?? '*').some((pattern) => matches(pattern, resource)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, expected]) => holds(operator, listOf(expected).map(String), context[key])),
    )
  );
}

function isMeant({ Principal }: Statement, { principal }: Question): boolean {
  if (Principal === '*') return true;
  const account = principal.split(':')[4];
  return (
    typeof Principal === 'object' &&
    (listOf(Principal.Service).includes(principal) ||
      listOf(Principal.AWS).some(
        (each) => each === '*' || each === principal || each === `arn:aws:iam::${account}:root`,
      ))
  );
}

/** One condition; an operator that negates also holds where the key is unknown. */
function holds(operator: string, expected: readonly string[], found: string | undefined): boolean {
  const some = (test: (pattern: string) => boolean) => found !== undefined && expected.some(test);
  switch (operator) {
    case 'Null':
      return expected.includes(String(found === undefined));
    case 'Bool':
    case 'StringEquals':
    case 'ArnEquals':
      return some((value) => value === found);
    case 'StringLike':
    case 'ArnLike':
      return some((pattern) => matches(pattern, found ?? ''));
    case 'StringNotEquals':
      return !some((value) => value === found);
    case 'StringNotLike':
    case 'ArnNotLike':
      return !some((pattern) => matches(pattern, found ?? ''));
    case 'NumericLessThan':
      return some((value) => Number(found) < Number(value));
    default:
      throw new Error(`The condition ${operator} isn't evaluated here.`);
  }
}
