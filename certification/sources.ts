import type { Dataset } from './datasets/dataset.ts';
import { openDataset } from './datasets/open-dataset.ts';
import { stubDataset } from './datasets/stub-dataset.ts';
import type { Request } from './records/request.ts';
import { readObject } from './storage/read-object.ts';

/** What names a dataset in a request. */
export type DatasetSource = Pick<Request, 'dataset' | 'labels' | 'format' | 'datasetLayout' | 'stub'>;
/** What names a model in a request, and how to read it. */
export type ModelSource = Pick<Request, 'model' | 'input' | 'output' | 'layout' | 'stub'>;

/** Reads a dataset. @throws PerimeterError `InvalidDataset`, `NotFound`, `StoreRefused`. */
export function loadDataset({ dataset, labels, format, datasetLayout, stub }: DatasetSource): Promise<Dataset> {
  if (stub !== undefined) return Promise.resolve(stubDataset(stub));
  return openDataset(
    {
      images: dataset,
      ...(labels !== undefined && { labels }),
      ...(format !== undefined && { format }),
      ...(datasetLayout !== undefined && { layout: datasetLayout }),
    },
    readObject,
  );
}
