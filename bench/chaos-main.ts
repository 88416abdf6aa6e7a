/** `npm run chaos -- --minutes 10 [--seed S] [--kills-a-minute 1]`: a run whose processes are killed at random. */
import { parseArgs } from 'node:util';
import { chaos } from './chaos.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    'kills-a-minute': { type: 'string', default: '1' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const killsAMinute = Number(values['kills-a-minute']);
if (!(minutes > 0) || !(killsAMinute > 0) || !Number.isInteger(seed) || seed < 0) {
  process.stderr.write(
    'chaos takes --minutes and --kills-a-minute, numbers above 0, and --seed, a whole number from 0.\n',
  );
  process.exitCode = 2;
} else if (!(await chaos({ minutes, seed, killsAMinute }))) process.exitCode = 1;
