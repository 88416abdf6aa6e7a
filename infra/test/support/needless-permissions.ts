import { isAllowed, type Account, type Identity } from './account.ts';
import { listOf, type Statement } from './policy.ts';
import type { Asked } from './policy-gateway.ts';

/**
 * What identities may do and didn't: each action on each resource without which all that they asked for would have been allowed
 * the same.
 *
 * @returns lines such as `Sampler: s3:GetObject on arn:…/runs/*`.
 */
export function needlessPermissions(account: Account, asked: readonly Asked[]): string[] {
  return Object.entries(account.identities).flatMap(([name, identity]) => {
    const allowed = asked.filter((each) => each.identity === name && each.refused === undefined);
    const stillAllowed = (without: Identity) => allowed.every(({ operation }) => isAllowed(without, operation).allowed);
    return identity.statements
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap((statement) =>
        pairs(statement)
          .filter((pair) => stillAllowed(without(identity, statement, pair)))
          .map(({ action, resource }) => `${name}: ${action} on ${resource}`),
      );
  });
}

interface Pair {
  readonly action: string;
  readonly resource: string;
}

function pairs({ Action, Resource }: Statement): Pair[] {
  return listOf(Action).flatMap((action) => listOf(Resource).map((resource) => ({ action, resource })));
}

/** An identity that may do all that it might, but one action of a statement on one of its resources. */
function without(identity: Identity, statement: Statement, left: Pair): Identity {
  const rest = pairs(statement)
    .filter(({ action, resource }) => action !== left.action || resource !== left.resource)
    .map(({ action, resource }) => ({ ...statement, Action: action, Resource: resource }));
  return { ...identity, statements: [...identity.statements.filter((each) => each !== statement), ...rest] };
}
