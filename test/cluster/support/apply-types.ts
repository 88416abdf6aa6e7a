import { until } from '../../support/until.ts';
import type { Kubectl } from './kubectl.ts';
import { MADE_BY_TESTS_SELECTOR } from './made-by-tests.ts';

interface CustomTypes {
  readonly items: readonly {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** Tells a Kubernetes the types of others that lie in folders, and waits until it serves them. */
export async function applyTypes(kubectl: Kubectl, ...folders: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await kubectl.attempt([
    'create',
    ...folders.flatMap((folder) => ['-f', folder]),
    '-o',
    'name',
  ]);
  // Those that are there already stay as they are.
  const failed = stderr.split('\n').filter((line) => line !== '' && !line.includes('AlreadyExists'));
  if (code !== 0 && failed.length > 0) throw new Error(failed.join(' '));
  const made = stdout.split('\n').filter((name) => name !== '');
  if (made.length > 0) await kubectl(['label', ...made, MADE_BY_TESTS_SELECTOR]);
  // `kubectl wait` fails where a type has no conditions yet.
  await until(
    () => kubectl.get<CustomTypes>('customresourcedefinitions'),
    ({ items }) =>
      items.every(({ status }) =>
        status?.conditions?.some(({ type, status: holds }) => type === 'Established' && holds === 'True'),
      ),
  );
}
