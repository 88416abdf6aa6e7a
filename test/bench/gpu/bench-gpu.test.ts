import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { benchGpu } from '../../../bench/gpu.ts';
import type { Result } from '../../../bench/gpu/results.ts';
import { findTorch } from '../../support/find-torch.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** As short as it goes, with the smaller network. */
const quick = ['--device', 'cpu', '--quick', '--only', 'resnet110', '--seconds', '0.3'];

async function run(args: readonly string[]): Promise<{ lines: Result[]; table: string; printed: string }> {
  const out = join(temporaryFolder(), 'results.jsonl');
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  try {
    await benchGpu([...quick, '--out', out, ...args]);
  } finally {
    write.mockRestore();
  }
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
  return {
    lines: lines.map((line) => JSON.parse(line) as Result),
    table: readFileSync(`${out}.md`, 'utf8'),
    printed,
  };
}

describe('the GPU benchmark, tried on the CPU', () => {
  it('measures the bare model, the sampler and PyTorch’s loop', { timeout: 600_000 }, async () => {
    const { lines, table, printed } = await run(['--python', await findTorch()]);
    const rows = lines.filter((line) => line.type === 'row');
    expect(rows.map(({ what, status }) => [what, status])).toEqual([
      ['bare model, `session.run`', 'measured'],
      ['sampler, exact noise', 'measured'],
      ["PyTorch, the paper's loop", 'measured'],
    ]);
    for (const row of rows) {
      if (row.status !== 'measured') continue;
      // One core classifies some tens to hundreds a second: far off that, something else was counted.
      expect(row.samplesPerSecond).toBeGreaterThan(1);
      expect(row.samplesPerSecond).toBeLessThan(5_000);
      expect(row.ofPeak).toBeGreaterThan(0);
    }
    expect(lines.filter(({ type }) => type === 'turn')).toHaveLength(3);
    expect(lines).toContainEqual(expect.objectContaining({ type: 'peak', precision: 'fp32' }));
    expect(printed).toBe(table);
    expect(table).toContain('**ResNet-110 at 3×32×32, 10 classes**');
  });

  it('says why there is no PyTorch, and measures the rest', async () => {
    const { lines, table } = await run(['--python', 'no-such-python']);
    const rows = lines.filter((line) => line.type === 'row');
    expect(rows.map(({ status }) => status)).toEqual(['measured', 'measured', 'failed']);
    expect(table).toContain(
      "- fp32, PyTorch, the paper's loop, batch 8: no-such-python could not be started: spawn no-such-python ENOENT.",
    );
  });
});
