import { describe, expect, it } from 'vitest';
import { labelWarnings } from '../../certification/datasets/label-warnings.ts';

const labelled = (labels: readonly number[], classNames?: readonly string[]) => {
  const histogram = [...new Set(labels)].sort((a, b) => a - b).map((label) => ({ label }));
  const range = { min: Math.min(...labels), max: Math.max(...labels) };
  return (modelClasses?: number) => labelWarnings({ classNames, labels: range }, histogram, modelClasses);
};
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('labels that look wrong are warned of', () => {
  it('counted from 1', () => {
    expect(labelled(from(1, 10))()).toEqual([
      'Labels run from 1 to 10 and none is 0: they look counted from 1, and models count from 0, so that every prediction would be wrong.',
    ]);
    expect(labelled([1, 7, 1000])()).toHaveLength(1);
    expect(labelled(from(1, 10))(10)).toEqual([
      'Labels reach 10, but the model has 10 classes, 0 to 9: they look counted from 1, and must count from 0.',
    ]);
  });

  it('beyond the model’s', () => {
    expect(labelled([0, 12])(10)).toEqual(['Labels reach 12, but the model has 10 classes, 0 to 9.']);
  });

  it('of class folders named by numbers, in the order of text', () => {
    const names = from(0, 11).map(String).sort();
    expect(labelled(from(0, 11), names)()).toEqual([
      'Classes are named by numbers and counted in the order of text, as torchvision does: "10" is class 2. Where the model counts them by number, give the list of its classes ("classes").',
    ]);
  });

  it('of some of the model’s classes, counted by themselves', () => {
    const names = ['n01440764', 'n01443537'];
    expect(labelled([0, 1], names)()).toEqual([
      'The 2 classes are some of ImageNet\'s, counted by themselves: a model of all 1000 counts them otherwise. Give the list of its classes ("classes", such as LOC_synset_mapping.txt).',
    ]);
    expect(labelled([0, 1], ['cat', 'dog'])(10)).toEqual([
      'The dataset counts 2 classes by name, and the model has 10: where they are some of the model\'s, give the list of its classes ("classes"), or labels go astray.',
    ]);
  });
});

describe('labels that look right are not', () => {
  it.each([
    ['from 0', labelled(from(0, 9))()],
    ['some of many', labelled([3, 5, 40])(100)],
    ['of a few classes', labelled([1, 3])(10)],
    ['named', labelled([0, 1], ['cat', 'dog'])(2)],
    [
      'all of ImageNet’s',
      labelled(
        from(0, 999),
        from(0, 999).map((at) => `n${String(at).padStart(8, '0')}`),
      )(1000),
    ],
    [
      'numbers in order',
      labelled(
        from(0, 11),
        from(0, 11).map((at) => String(at).padStart(2, '0')),
      )(12),
    ],
  ])('%s', (_what, warnings) => {
    expect(warnings).toEqual([]);
  });
});
