import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { uniformSigma } from '../../certification/smoothing/noise-scale.ts';
import { readRequest } from '../../cli/read-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('flags beside a request file', () => {
  const file = (more: object) => {
    const path = join(temporaryFolder(), 'request.json');
    writeFileSync(path, JSON.stringify({ model: 'm.onnx', dataset: 'd.npz', ...more }));
    return path;
  };

  it('override how much noise it names, by the other law too', () => {
    const uniform = readRequest(file({ sigma: 0.25 }), { distribution: 'uniform', lambda: 0.5 });
    expect(uniform).toMatchObject({ distribution: 'uniform', lambda: 0.5, sigma: uniformSigma(0.5) });
    const gaussian = readRequest(file({ distribution: 'uniform', lambda: 0.5 }), { sigma: 0.25 });
    expect(gaussian.sigma).toBe(0.25);
    expect(gaussian).not.toHaveProperty('lambda');
    expect(gaussian).not.toHaveProperty('distribution');
    expect(readRequest(file({ sigma: 0.25 }), { sigma: 0.5 }).sigma).toBe(0.5);
  });
});
