import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isLinuxX64, nativeFiles } from '../../scripts/image/native-files.ts';
import { findImages, targets, type BuiltImage } from './support/find-images.ts';

const BUILD_MS = 900_000;

describe.each(targets)('the image %s', (target) => {
  let image: BuiltImage;
  const inImage = (path: string) => join(image.rootfs, path);
  const filesIn = (folder: string) => readdirSync(inImage(folder), { recursive: true, encoding: 'utf8' });

  beforeAll(async () => {
    image = (await findImages())[target];
  }, BUILD_MS);

  it('runs the command line under tini, as a user that owns nothing', () => {
    const { User, Entrypoint, WorkingDir, Env, Labels } = image.config;
    expect({ User, Entrypoint, WorkingDir }).toEqual({
      User: '10001:10001',
      Entrypoint: ['tini', '--', 'node', '/app/bin/perimeter.js'],
      WorkingDir: '/app',
    });
    expect(Env).toEqual(expect.arrayContaining(['HOME=/tmp', 'NODE_ENV=production']));
    expect(Labels).toMatchObject({
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.version': 'test',
    });
    const others = ['app', ...filesIn('app').map((name) => `app/${name}`)].filter((name) => {
      const { uid, gid, mode } = lstatSync(inImage(name));
      const writable = !lstatSync(inImage(name)).isSymbolicLink() && (mode & 0o022) !== 0;
      return uid !== 0 || gid !== 0 || writable;
    });
    expect(others).toEqual([]);
  });

  it('has no file that makes its user another', () => {
    const special = filesIn('usr').filter((name) => {
      const status = lstatSync(inImage(`usr/${name}`));
      return status.isFile() && (status.mode & 0o6000) !== 0;
    });
    expect(special).toEqual([]);
  });

  it('holds compiled code, and workflows that were bundled with it', () => {
    expect(filesIn('app/dist').filter((name) => name.endsWith('.ts'))).toEqual([]);
    expect(existsSync(inImage('app/dist/workflows/bundle.js'))).toBe(true);
    expect(existsSync(inImage('app/dist/workflows/bundle-encoded.js'))).toBe(true);
    for (const source of ['app/cli', 'app/dist/test', 'app/dist/bench', 'usr/local/lib/node_modules']) {
      expect(existsSync(inImage(source)), source).toBe(false);
    }
  });

  it('holds no machine code but of linux/x64', () => {
    const native = nativeFiles(inImage('app/node_modules'));
    expect(native.filter((file) => !isLinuxX64(file))).toEqual([]);
    const runtime = native
      .map((file) => relative(inImage('app/node_modules'), file))
      .filter((file) => file.startsWith('onnx'));
    expect(runtime.length > 0).toBe(target !== 'control');
  });

  it('lists all of its packages, and no others', () => {
    const { metadata, components } = readJson(inImage('app/sbom.cdx.json')) as {
      metadata: { component: { name: string } };
      components: { name: string; version: string }[];
    };
    expect(metadata.component.name).toBe('perimeter');
    const listed = components.map(({ name, version }) => `${name}@${version}`);
    const there = packageFolders(inImage('app/node_modules')).map((folder) => {
      const { name, version } = readJson(join(folder, 'package.json')) as { name: string; version: string };
      return `${name}@${version}`;
    });
    expect(there.length).toBeGreaterThan(200);
    expect([...new Set(listed)].sort()).toEqual([...new Set(there)].sort());
  });
});

/** The folders of the packages in a node_modules, and of those in theirs. */
function packageFolders(modules: string): string[] {
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  const folders = names.flatMap((name) =>
    name.startsWith('@')
      ? readdirSync(join(modules, name)).map((inner) => join(modules, name, inner))
      : [join(modules, name)],
  );
  return folders.flatMap((folder) => [folder, ...packageFolders(join(folder, 'node_modules'))]);
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
