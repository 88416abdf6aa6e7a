#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { isBuilt } from './built.js';

const source = new URL('../cli/main.ts', import.meta.url);
if (existsSync(source) && !isBuilt()) {
  // A checkout that was changed since its build runs its sources as they are.
  const { register } = await import('tsx/esm/api');
  register();
  await import(source.href);
} else {
  await import(new URL('../dist/cli/main.js', import.meta.url).href);
}
