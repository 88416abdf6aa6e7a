import { resnet110 } from './resnet110.ts';
import { resnet50 } from './resnet50.ts';

/** A network that is measured, and how. */
export interface BenchmarkedModel {
  readonly name: 'resnet50' | 'resnet110';
  readonly title: string;
  readonly make: () => Uint8Array;
  readonly side: number;
  readonly classes: number;
  readonly sigma: number;
  /** Batches of the sampler and of the bare model, where none are asked for. */
  readonly batches: readonly number[];
  /** Whether the paper's code lets cuDNN search for the fastest convolutions (code/architectures.py). */
  readonly publishedSearch: boolean;
}

export const benchmarkedModels: readonly BenchmarkedModel[] = [
  {
    name: 'resnet50',
    title: 'ResNet-50 at 3×224×224, 1,000 classes',
    make: resnet50,
    side: 224,
    classes: 1_000,
    sigma: 0.5,
    batches: [256],
    publishedSearch: true,
  },
  {
    name: 'resnet110',
    title: 'ResNet-110 at 3×32×32, 10 classes',
    make: resnet110,
    side: 32,
    classes: 10,
    sigma: 0.5,
    batches: [1_024],
    publishedSearch: false,
  },
];
