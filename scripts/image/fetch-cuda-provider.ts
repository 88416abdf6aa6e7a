/** Fetches ONNX Runtime's CUDA provider as its package does (from NuGet), into the folder that is named. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { howToGetIt, providerFiles } from './cuda-provider.ts';
import { refuse } from './refuse.ts';

const [target] = process.argv.slice(2);
const from = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64';
const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'cuda12' };
const script = 'node_modules/onnxruntime-node/script/install.js';
const { status } = spawnSync(process.execPath, [script], { env, stdio: 'inherit' });
const missing = providerFiles.filter((file) => !existsSync(join(from, file)));
if (status !== 0 || missing.length > 0) {
  const found = missing.length > 0 ? `${missing.join(' and ')} isn't there` : `its script ended with ${String(status)}`;
  refuse(`ONNX Runtime's CUDA provider could not be fetched (${found}): ${howToGetIt}.`);
}
mkdirSync(target, { recursive: true });
for (const file of providerFiles) copyFileSync(join(from, file), join(target, file));
