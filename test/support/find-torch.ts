import { existsSync } from 'node:fs';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { runCommand } from '../../cli/dev/run-command.ts';
import { aptInstall, canInstall } from './apt-install.ts';

/** Debian's packages, by the folder that each is installed into. */
const PACKAGES: Readonly<Record<string, string>> = {
  '/usr/lib/python3/dist-packages/torch': 'python3-torch',
  '/usr/lib/python3/dist-packages/torchvision': 'python3-torchvision',
};
/** Debian's packages are for Debian's own Python, which need not be the first on `PATH`. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/**
 * Finds a Python that has PyTorch and torchvision; on Debian and Ubuntu, where this process may, they are installed (about a
 * minute).
 *
 * @throws PerimeterError `MissingPart` where there is none.
 */
export async function findTorch(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const find = async () => {
    for (const python of PYTHONS) {
      const { code } = await runCommand(python, ['-c', 'import torch, torchvision'], { env });
      if (code === 0) return python;
    }
    return undefined;
  };
  const there = await find();
  if (there !== undefined) return there;
  let reason = 'no Python has them';
  if (canInstall(env)) {
    const packages = () => Object.keys(PACKAGES).flatMap((folder) => (existsSync(folder) ? [] : PACKAGES[folder]));
    const last = await aptInstall({ packages, purpose: "the tests of the GPU benchmark's PyTorch end", env });
    const installed = await find();
    if (installed !== undefined) return installed;
    reason = `apt-get: ${last?.output.trim().slice(-300) ?? 'nothing'}`;
  }
  throw new PerimeterError(
    'MissingPart',
    `The tests of the GPU benchmark need PyTorch and torchvision (${reason}): install them ("apt-get install ${Object.values(PACKAGES).join(' ')}").`,
  );
}
