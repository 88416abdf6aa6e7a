import type { Dataset } from './dataset.ts';

/** How many classes ImageNet's models tell apart. */
const IMAGENET_CLASSES = 1000;

/**
 * What is suspicious about a dataset's labels: a shift or another order of the classes makes every prediction wrong,
 * and looks like a classifier that has learnt nothing.
 *
 * @param histogram the labels that occur, ascending.
 * @param modelClasses how many classes the model has, where it is known.
 * @returns a sentence each.
 */
export function labelWarnings(
  { classNames, labels }: Pick<Dataset, 'classNames' | 'labels'>,
  histogram: readonly { readonly label: number }[],
  modelClasses?: number,
): string[] {
  const warnings: string[] = [];
  const { min, max } = labels;
  if (modelClasses !== undefined && max >= modelClasses) {
    const shift = min === 1 && max === modelClasses ? ': they look counted from 1, and must count from 0' : '';
    warnings.push(`Labels reach ${max}, but the model has ${modelClasses} classes, 0 to ${modelClasses - 1}${shift}.`);
  } else if (classNames === undefined && min === 1 && (histogram.length === max || max === IMAGENET_CLASSES)) {
    warnings.push(
      `Labels run from 1 to ${max} and none is 0: they look counted from 1, and models count from 0, so that every prediction would be wrong.`,
    );
  }
  if (classNames === undefined) return warnings;
  if (classNames.length > 10 && classNames.every((name) => /^\d+$/.test(name)) && !inNumericOrder(classNames)) {
    const at = classNames.findIndex((name, label) => Number(name) !== label && Number(name) !== label + 1);
    warnings.push(
      `Classes are named by numbers and counted in the order of text, as torchvision does: "${classNames[at]}" is class ${at}. ` +
        'Where the model counts them by number, give the list of its classes ("classes").',
    );
  }
  const wordNet = classNames.every((name) => /^n\d{8}\b/.test(name));
  if (modelClasses !== undefined && classNames.length !== modelClasses) {
    warnings.push(
      `The dataset counts ${classNames.length} classes by name, and the model has ${modelClasses}: where they are some of the model's, give the list of its classes ("classes"), or labels go astray.`,
    );
  } else if (wordNet && classNames.length !== IMAGENET_CLASSES) {
    warnings.push(
      `The ${classNames.length} classes are some of ImageNet's, counted by themselves: a model of all ${IMAGENET_CLASSES} counts them otherwise. Give the list of its classes ("classes", such as LOC_synset_mapping.txt).`,
    );
  }
  return warnings;
}

function inNumericOrder(names: readonly string[]): boolean {
  return names.every((name, at) => at === 0 || Number(names[at - 1]) < Number(name));
}
