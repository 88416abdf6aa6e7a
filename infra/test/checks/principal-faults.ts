import { listOf, type Statement } from '../support/policy.ts';
import type { Template } from '../support/resolve-intrinsics.ts';

/** Buckets of AWS's own that everybody may read. */
const AWS_BUCKETS = /^arn:aws:s3:::prod-(eu-central-1-starport-layer-bucket|registry-k8s-io-eu-central-1)\/\*$/;

/**
 * Policies that allow something to everybody, or everything to somebody: a sentence each. The policy of a gateway endpoint
 * has to say `*`; there a condition has to say which account, or it is about public buckets of AWS.
 *
 * @param templates resolved.
 */
export function principalFaults(templates: Record<string, Template>): string[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) =>
      statementsIn(Properties).flatMap((statement) => {
        const where = `${stack}/${id} ${statement.Sid ?? ''}`;
        if (statement.Effect === 'Deny') return [];
        const isGateway = Type === 'AWS::EC2::VPCEndpoint';
        return [
          ...('NotPrincipal' in statement || 'NotAction' in statement || 'NotResource' in statement
            ? [`${where} allows all but what it names`]
            : []),
          ...(isEverybody(statement) && !(isGateway && isNarrow(statement)) ? [`${where} allows it to everybody`] : []),
          ...(allowsAll(statement) && !isGateway && Type !== 'AWS::KMS::Key' ? [`${where} allows everything`] : []),
        ];
      }),
    ),
  );
}

/** Every statement of every policy below a value. */
function statementsIn(value: unknown): Statement[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('Effect' in value && 'Action' in value) return [value as Statement];
  if ('Effect' in value && 'NotAction' in value) return [value as unknown as Statement];
  return Object.values(value).flatMap(statementsIn);
}

function isEverybody({ Principal }: Statement): boolean {
  if (typeof Principal !== 'object') return Principal !== undefined;
  return Object.values(Principal).some((named) => listOf(named).some((each) => each.includes('*')));
}

function isNarrow({ Action, Resource, Condition }: Statement): boolean {
  const operators = Object.entries(Condition ?? {});
  if (operators.some(([operator, keys]) => operator === 'StringEquals' && 'aws:PrincipalAccount' in keys)) return true;
  return (
    listOf(Action).every((action) => action === 's3:GetObject') &&
    listOf(Resource).every((resource) => AWS_BUCKETS.test(resource))
  );
}

function allowsAll({ Action }: Statement): boolean {
  return listOf(Action).some((action) => action === '*' || action.endsWith(':*'));
}
