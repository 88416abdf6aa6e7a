const SIGMA = /(?:^|[^a-z])sigma_(\d+(?:\.\d+)?)(?!\d)/i;
const NOISE = /(?:^|[^a-z])noise_(\d+(?:\.\d+)?)(?!\d)/i;

/**
 * The noise's σ as the path of a published file names it: by its last part `sigma_…`, else by its last part `noise_…`;
 * undefined where it has neither.
 */
export function sigmaOfName(path: string): number | undefined {
  const parts = partsOf(path).reverse();
  for (const pattern of [SIGMA, NOISE]) {
    const found = parts.map((part) => pattern.exec(part)?.[1]).find((text) => text !== undefined);
    if (found !== undefined && Number(found) > 0) return Number(found);
  }
  return undefined;
}

/**
 * The model as the path of a published file names it: the folder of the noise that it was trained with and the one above,
 * as `resnet110/noise_0.25`; undefined where there is none.
 */
export function modelOfName(path: string): string | undefined {
  const parts = partsOf(path);
  const at = parts.slice(0, -1).findLastIndex((part) => NOISE.test(part));
  return at < 0 ? undefined : parts.slice(Math.max(0, at - 1), at + 1).join('/');
}

function partsOf(path: string): string[] {
  return path.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
}
