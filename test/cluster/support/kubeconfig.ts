import { writeFileSync } from 'node:fs';

/** Writes a kubeconfig of one user of one cluster. */
export function writeKubeconfig(
  file: string,
  { server, authority, token }: { server: string; authority: string; token: string },
): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
}
