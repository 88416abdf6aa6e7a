/** Copies what an image holds of Perimeter itself into the folder that is named. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [target] = process.argv.slice(2);
const isRun = (path: string) => !/\.d\.ts$|sources\.sha256$/.test(path) && !/^dist\/(?:test|bench)(?:\/|$)/.test(path);
for (const path of ['LICENSE', 'bin/perimeter.js', 'bin/built.js', 'dist']) {
  cpSync(path, join(target, path), { recursive: true, filter: isRun });
}
// What Node and the command line read of it: not the scripts, of which an image has none.
const { name, version, license, type } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, string>;
writeFileSync(join(target, 'package.json'), `${JSON.stringify({ name, version, license, type }, undefined, 2)}\n`);
