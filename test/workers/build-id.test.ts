import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { digestWorkerSources } from '../../workers/build-id.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function copyOfSources(): string {
  const folder = temporaryFolder();
  for (const name of ['activities', 'certification', 'workers', 'workflows'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  return folder;
}

describe('the digest of what workers run', () => {
  it('is the same wherever the sources lie', () => {
    expect(digestWorkerSources(copyOfSources(), 'code')).toBe(digestWorkerSources(root, 'code'));
  });

  it.each(['workflows/certify-range.ts', 'activities/heartbeats.ts', 'certification/storage/file-store.ts'])(
    'is another where %s is',
    (file) => {
      const folder = copyOfSources();
      writeFileSync(join(folder, file), '\n', { flag: 'a' });
      expect(digestWorkerSources(folder, 'code')).not.toBe(digestWorkerSources(root, 'code'));
    },
  );

  it('is another where a file is elsewhere, or the code digest is another', () => {
    const folder = copyOfSources();
    mkdirSync(join(folder, 'workers/more'));
    renameSync(join(folder, 'workers/queues.ts'), join(folder, 'workers/more/queues.ts'));
    expect(digestWorkerSources(folder, 'code')).not.toBe(digestWorkerSources(root, 'code'));
    expect(digestWorkerSources(root, 'other')).not.toBe(digestWorkerSources(root, 'code'));
  });
});
