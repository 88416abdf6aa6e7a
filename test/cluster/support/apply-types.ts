import { until } from '../../support/until.ts';
import type { Kubectl } from './kubectl.ts';

interface CustomTypes {
  readonly items: readonly {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** Tells a Kubernetes the types of others that lie in folders, and waits until it serves them. */
export async function applyTypes(kubectl: Kubectl, ...folders: readonly string[]): Promise<void> {
  await kubectl(['apply', '--server-side', ...folders.flatMap((folder) => ['-f', folder])]);
  // `kubectl wait` fails where a type has no conditions yet.
  await until(
    () => kubectl.get<CustomTypes>('customresourcedefinitions'),
    ({ items }) =>
      items.every(({ status }) =>
        status?.conditions?.some(({ type, status: holds }) => type === 'Established' && holds === 'True'),
      ),
  );
}
