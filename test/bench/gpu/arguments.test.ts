import { describe, expect, it } from 'vitest';
import { readArguments } from '../../../bench/gpu/arguments.ts';
import { groupsOf } from '../../../bench/gpu/groups-of.ts';

const named = (args: readonly string[]) =>
  groupsOf(readArguments(args)).map(({ model, precision, batch, first }) =>
    [model.name, precision, batch, ...(first ? ['first'] : [])].join(' '),
  );

describe('what the GPU benchmark measures', () => {
  it('is each model in each precision, the more important first, the paper’s loop once a model', () => {
    expect(named([])).toEqual([
      'resnet50 tf32 256 first',
      'resnet110 tf32 1024 first',
      'resnet50 fp16 256',
      'resnet110 fp16 1024',
      'resnet50 fp32 256',
      'resnet110 fp32 1024',
    ]);
  });

  it('is what was asked for: other batches come after the first of all', () => {
    const args = ['--only', 'resnet50', '--precisions', 'fp16,tf32', '--batches', '64,512'];
    expect(named(args)).toEqual([
      'resnet50 fp16 64 first',
      'resnet50 tf32 64',
      'resnet50 fp16 512',
      'resnet50 tf32 512',
    ]);
  });

  it('is float32 alone on a CPU', () => {
    expect(named(['--device', 'cpu', '--only', 'resnet110'])).toEqual(['resnet110 fp32 1024 first']);
    expect(() => readArguments(['--device', 'cpu', '--precisions', 'tf32'])).toThrow(
      '--precisions names "tf32", but there are fp32.',
    );
  });

  it.each([
    [['--only', 'vgg'], '--only names "vgg", but there are resnet50, resnet110.'],
    [['--device', 'tpu'], 'The device is "tpu"'],
    [['--seconds', '0'], '--seconds is "0", but must be a number above 0.'],
    [['--batches', '64,1.5'], '--batches is "1.5", but must be a whole number above 0.'],
    [['--fast'], "Unknown option '--fast'"],
  ])('is refused for %j', (args, sentence) => {
    expect(() => readArguments(args)).toThrow(sentence);
  });
});
