import type { KubernetesObject, ObjectMeta } from './objects.ts';

/** What the API server says to one request. */
export interface ApiAnswer {
  readonly status: number;
  /** Its sentence, where it refuses. */
  readonly message?: string;
  readonly warnings: readonly string[];
  /** The object as it is then, where it doesn't. */
  readonly object?: unknown;
}

/** Requests to an API server: of many small ones, each would be half a second of `kubectl`. */
export interface Api {
  /** Applies an object on the server's side, strictly. */
  readonly apply: (object: KubernetesObject, options: { dryRun: boolean }) => Promise<ApiAnswer>;
  readonly create: (object: KubernetesObject, options: { dryRun: boolean }) => Promise<ApiAnswer>;
  /** Asks to end a pod as a drain of its node does. */
  readonly evict: (pod: ObjectMeta) => Promise<ApiAnswer>;
  /** Whether a container may be put into a pod that is there; it isn't. */
  readonly debug: (pod: ObjectMeta, container: unknown) => Promise<ApiAnswer>;
}

/** As `kubectl apply --server-side` says it, whose fields a later application may take away. */
const ALWAYS = { fieldManager: 'kubectl', fieldValidation: 'Strict' };

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** @param url of a server that adds the credentials (`kubectl proxy`) */
export function createApi(url: string): Api {
  const resources = new Map<string, Promise<readonly Resource[]>>();
  const resourcesOf = (apiVersion: string) => {
    const known = resources.get(apiVersion) ?? discover(`${url}${root(apiVersion)}`);
    resources.set(apiVersion, known);
    return known;
  };
  const collection = async ({ apiVersion, kind, metadata }: KubernetesObject) => {
    const resource = (await resourcesOf(apiVersion)).find((one) => one.kind === kind && !one.name.includes('/'));
    if (resource === undefined) throw new Error(`the API server knows no ${kind} of ${apiVersion}`);
    const namespace = resource.namespaced ? `namespaces/${metadata.namespace ?? 'default'}/` : '';
    return `${url}${root(apiVersion)}/${namespace}${resource.name}`;
  };
  const query = (dryRun: boolean, more: Record<string, string> = {}) =>
    String(new URLSearchParams({ ...more, ...ALWAYS, ...(dryRun && { dryRun: 'All' }) }));
  return {
    apply: async (object, { dryRun }) =>
      send(`${await collection(object)}/${object.metadata.name}?${query(dryRun, { force: 'true' })}`, {
        method: 'PATCH',
        body: object,
        type: 'application/apply-patch+yaml',
      }),
    create: async (object, { dryRun }) =>
      send(`${await collection(object)}?${query(dryRun)}`, { method: 'POST', body: object, type: 'application/json' }),
    evict: ({ name, namespace = 'default' }) =>
      send(`${url}/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
        method: 'POST',
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
        type: 'application/json',
      }),
    debug: ({ name, namespace = 'default' }, container) =>
      send(`${url}/api/v1/namespaces/${namespace}/pods/${name}/ephemeralcontainers?${query(true)}`, {
        method: 'PATCH',
        body: { spec: { ephemeralContainers: [container] } },
        type: 'application/strategic-merge-patch+json',
      }),
  };
}

function root(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

async function discover(url: string): Promise<readonly Resource[]> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return ((await response.json()) as { resources: Resource[] }).resources;
}

async function send(
  url: string,
  { method, body, type }: { method: string; body: unknown; type: string },
): Promise<ApiAnswer> {
  const response = await fetch(url, { method, body: JSON.stringify(body), headers: { 'content-type': type } });
  const answer = (await response.json()) as { message?: string };
  const warnings = response.headers.get('warning') ?? '';
  return {
    status: response.status,
    ...(response.ok ? { object: answer } : { message: answer.message ?? `status ${response.status}` }),
    // RFC 9111, §5.5: code, agent, and a quoted text.
    warnings: [...warnings.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
      text.replaceAll('\\"', '"'),
    ),
  };
}
