import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { meanReading, parseReading } from '../../../bench/gpu/device-readings.ts';
import { isAlive } from '../../../bench/model-processes-of.ts';
import { watchDevice } from '../../../bench/gpu/watch-device.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

/** As `nvidia-smi --query-gpu=… --format=csv,noheader,nounits -lms 100` prints them. */
const recorded = [
  '2026/11/27 10:00:00.050, 3, 81.20, 345',
  '2026/11/27 10:00:00.950, 40, 300.10, 1980',
  '2026/11/27 10:00:01.050, 97, 610.00, 1980',
  '2026/11/27 10:00:01.950, 99, 650.00, 1935',
  '2026/11/27 10:00:02.050, 12, 200.00, 345',
];
const at = (seconds: number) => new Date(2026, 10, 27, 10, 0, 0, 0).getTime() + 1_000 * seconds;

describe('readings of a GPU', () => {
  it('are read from what nvidia-smi prints', () => {
    expect(parseReading(recorded[2])).toEqual({ at: at(1.05), busy: 0.97, watts: 610, megahertz: 1980 });
  });

  it('leave out what the card doesn’t tell', () => {
    const line = '2026/11/27 10:00:00.050, [N/A], [Not Supported], 345';
    expect(parseReading(line)).toEqual({ at: at(0.05), busy: undefined, watts: undefined, megahertz: 345 });
  });

  it('are no other lines', () => {
    expect(parseReading('Field "power.draw" is not a valid field to query.')).toBeUndefined();
    expect(parseReading('')).toBeUndefined();
  });

  it('are averaged over a turn, but for its first second, which they look back from', () => {
    const readings = recorded.flatMap((line) => parseReading(line) ?? []);
    const mean = meanReading(readings, [{ from: at(0), to: at(2) }]);
    expect(mean.busy).toBeCloseTo(0.98, 12);
    expect(mean.watts).toBeCloseTo(630, 12);
    expect(mean.megahertz).toBeCloseTo(1957.5, 12);
  });

  it('of a short turn are those of its second half', () => {
    const readings = recorded.flatMap((line) => parseReading(line) ?? []);
    expect(meanReading(readings, [{ from: at(0.8), to: at(1.2) }]).watts).toBe(610);
  });

  it('are none of a time in which none were taken', () => {
    const none = { busy: undefined, watts: undefined, megahertz: undefined };
    expect(meanReading([], [{ from: at(0), to: at(2) }])).toEqual(none);
  });

  it('are asked of nvidia-smi for the GPU in question, until they are stopped', async () => {
    const folder = temporaryFolder();
    const smi = join(folder, 'nvidia-smi');
    writeFileSync(
      smi,
      `#!/bin/sh\necho $$ >${folder}/pid\necho "$@" >${folder}/asked\necho "${recorded[0]}"\nexec sleep 600\n`,
    );
    chmodSync(smi, 0o755);
    const watch = watchDevice(1, { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` });
    await until(
      () => watch.readings.length,
      (taken) => taken === 1,
    );
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    expect(isAlive(pid)).toBe(true);
    watch.stop();
    await until(
      () => isAlive(pid),
      (alive) => !alive,
    );
    expect(watch.readings[0].watts).toBe(81.2);
    expect(readFileSync(join(folder, 'asked'), 'utf8').trim()).toBe(
      '-i 1 --query-gpu=timestamp,utilization.gpu,power.draw,clocks.sm --format=csv,noheader,nounits -lms 100',
    );
  });

  it('are none where there is no nvidia-smi', async () => {
    const watch = watchDevice(0, { PATH: temporaryFolder() });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(watch.readings).toEqual([]);
    watch.stop();
  });
});
