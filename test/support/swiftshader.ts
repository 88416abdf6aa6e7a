import { existsSync, readdirSync } from 'node:fs';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { aptInstall, canInstall } from './apt-install.ts';

/** Debian's Chromium brings SwiftShader, a Vulkan driver that computes on the CPU, as it is tested with by Chromium itself. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const LOADER = 'libvulkan.so.1';

/** Where the Vulkan loader looks for drivers: the newer name, and the one that older loaders know. */
type Variable = 'VK_DRIVER_FILES' | 'VK_ICD_FILENAMES';

/**
 * The environment in which WebGPU runs on SwiftShader, whatever GPUs there are; on Debian, where this process may, SwiftShader and the
 * Vulkan loader are installed (about 20 s). PERIMETER_TEST_VULKAN_DRIVER names another driver's file.
 *
 * @throws PerimeterError `MissingPart` where there is none.
 */
export async function swiftshader(env: NodeJS.ProcessEnv = process.env): Promise<Record<Variable, string>> {
  const driver = env.PERIMETER_TEST_VULKAN_DRIVER ?? DRIVER;
  const missing = () => [...(existsSync(driver) ? [] : ['chromium-common']), ...(hasLoader() ? [] : ['libvulkan1'])];
  let reason = '';
  if (canInstall(env)) {
    const last = await aptInstall({ packages: missing, purpose: 'the tests of WebGPU', env });
    if (last !== undefined) reason = `; apt-get: ${last.output.trim().slice(-300)}`;
  }
  if (missing().length === 0) return withDriver(driver);
  throw new PerimeterError(
    'MissingPart',
    `The tests of WebGPU need the Vulkan loader and SwiftShader, and ${missing().join(' and ')} of Debian is not installed${reason}: ` +
      'install it ("apt-get install chromium-common libvulkan1"), or set PERIMETER_TEST_VULKAN_DRIVER to the JSON file of another Vulkan driver.',
  );
}

/** The environment of a machine with the loader and no driver. */
export const noDriver: Record<Variable, string> = withDriver('/nonexistent/driver.json');

function withDriver(file: string): Record<Variable, string> {
  return { VK_DRIVER_FILES: file, VK_ICD_FILENAMES: file };
}

function hasLoader(): boolean {
  // Not Chromium's own, which other programs don't find.
  const folders = readdirSync('/usr/lib').filter((name) => name.endsWith('-linux-gnu'));
  return ['lib64', ...folders.map((name) => `lib/${name}`)].some((folder) => existsSync(`/usr/${folder}/${LOADER}`));
}
