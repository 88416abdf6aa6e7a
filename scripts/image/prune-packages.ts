/** Takes out of node_modules what no worker on linux/x64 loads: other platforms' binaries, sources, types, source maps. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isLinuxX64, nativeFiles } from './native-files.ts';
import { refuse } from './refuse.ts';

const root = 'node_modules';
/** Folders of packages, and of each those below it that stay. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  '@temporalio/core-bridge/releases': ['x86_64-unknown-linux-gnu'],
  // The Rust sources of the above.
  '@temporalio/core-bridge/sdk-core': [],
  'onnxruntime-node/bin/napi-v6': ['linux'],
  'onnxruntime-node/bin/napi-v6/linux': ['x64'],
  // Its C++ sources.
  koffi: ['index.cjs', 'index.js', 'indirect.cjs', 'indirect.js', 'lib', 'LICENSE.txt', 'package.json'],
  '@koromix/koffi-linux-x64': ['index.js', 'linux_x64', 'package.json'],
  // Compiles workflows as a worker starts, where they aren't bundled; an image's are.
  '@swc/core-linux-x64-gnu': ['package.json'],
};
/** Node reads none of these in packages; licences are kept, whatever their names end in. */
const UNREAD = /\.(?:[cm]?ts|map|md|markdown|flow)$/i;
const LICENCE = /licen[cs]e|notice|copying|copyright|third.?party/i;

for (const [folder, kept] of Object.entries(KEPT)) {
  for (const name of readdirSync(join(root, folder))) {
    if (!kept.includes(name)) rmSync(join(root, folder, name), { recursive: true });
  }
}
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && UNREAD.test(entry.name) && !LICENCE.test(entry.name))
    rmSync(join(entry.parentPath, entry.name));
}

const foreign = nativeFiles(root).filter((file) => !isLinuxX64(file));
if (foreign.length > 0) {
  refuse(
    `A package has binaries that aren't for linux/x64: name them in scripts/image/prune-packages.ts: ${foreign.join(', ')}.`,
  );
}
