import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type * as Built from '../../bin/built.js';
import { temporaryFolder } from '../support/temporary-folder.ts';

const bin = fileURLToPath(new URL('../../bin', import.meta.url));
const files = [
  ...['tsconfig.json', 'tsconfig.build.json'],
  ...['activities', 'bench', 'certification/noise', 'cli', 'scripts', 'test/support', 'workers', 'workflows'].map(
    (folder) => `${folder}/a.ts`,
  ),
  'workers/b.cjs',
];

/** A checkout that was built, and how to change it. */
async function builtCheckout() {
  const root = temporaryFolder();
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  cpSync(bin, join(root, 'bin'), { recursive: true });
  for (const file of files) write(file, `// ${file}\n`);
  const { isBuilt, sourcesDigest } = (await import(pathToFileURL(join(root, 'bin/built.js')).href)) as typeof Built;
  expect(isBuilt()).toBe(false);
  write('dist/sources.sha256', sourcesDigest());
  expect(isBuilt()).toBe(true);
  return { root, isBuilt, write };
}

describe('a build is of the sources', () => {
  it.each(files)('until %s changes', async (file) => {
    const { isBuilt, write } = await builtCheckout();
    write(file, '// another\n');
    expect(isBuilt()).toBe(false);
    write(file, `// ${file}\n`);
    expect(isBuilt()).toBe(true);
  });

  it('until a file is added, renamed or taken away', async () => {
    const { root, isBuilt, write } = await builtCheckout();
    write('cli/commands/new.ts', '');
    expect(isBuilt()).toBe(false);
    rmSync(join(root, 'cli/commands'), { recursive: true });
    expect(isBuilt()).toBe(true);
    renameSync(join(root, 'cli/a.ts'), join(root, 'cli/b.ts'));
    expect(isBuilt()).toBe(false);
    rmSync(join(root, 'cli/b.ts'));
    expect(isBuilt()).toBe(false);
  });

  it('whatever else there is', async () => {
    const { isBuilt, write } = await builtCheckout();
    write('test/smoothing/radius.test.ts', '');
    write('docs/scale.md', '');
    write('cli/notes.md', '');
    expect(isBuilt()).toBe(true);
  });
});
