import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { digestSources } from '../../certification/code-digest.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const certification = fileURLToPath(new URL('../../certification', import.meta.url));

describe('the digest of the code', () => {
  it.each([
    'smoothing/certify.ts',
    'noise/kernel.as.ts',
    'classifier/draw-counts.ts',
    'classifier/graph/fuse-model.ts',
    'classifier/process/cuda/ort-session.ts',
  ])('is another one where %s is', (file) => {
    const copy = join(temporaryFolder(), 'certification');
    cpSync(certification, copy, { recursive: true });
    expect(digestSources(copy)).toBe(digestSources(certification));
    appendFileSync(join(copy, file), '// changed\n');
    expect(digestSources(copy)).not.toBe(digestSources(certification));
  });
});
