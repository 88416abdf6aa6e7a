import type { Dataset } from './datasets/dataset.ts';
import { openDataset } from './datasets/open-dataset.ts';
import type { Plan } from './records/plan.ts';
import type { Request } from './records/request.ts';
import { readObject } from './storage/read-object.ts';

/** What names a dataset in a request. */
export type DatasetSource = Pick<Request, 'dataset' | 'labels' | 'format' | 'datasetLayout'>;
/** What names a model in a request, and how to read it. */
export type ModelSource = Pick<Request, 'model' | 'input' | 'output' | 'layout'>;

/** A request's places as a plan keeps them. */
export function sourcesOf(request: DatasetSource & ModelSource): Plan['sources'] {
  return {
    model: request.model,
    input: request.input ?? null,
    output: request.output ?? null,
    layout: request.layout ?? null,
    dataset: request.dataset,
    labels: request.labels ?? null,
    format: request.format ?? null,
    datasetLayout: request.datasetLayout ?? null,
  };
}

/** A plan's model as its request named it. */
export function modelSource({ model, input, output, layout }: Plan['sources']): ModelSource {
  return {
    model,
    ...(input !== null && { input }),
    ...(output !== null && { output }),
    ...(layout !== null && { layout }),
  };
}

/** A plan's dataset as its request named it. */
export function datasetSource({ dataset, labels, format, datasetLayout }: Plan['sources']): DatasetSource {
  return {
    dataset,
    ...(labels !== null && { labels }),
    ...(format !== null && { format }),
    ...(datasetLayout !== null && { datasetLayout }),
  };
}

/** Reads a dataset. @throws PerimeterError `InvalidDataset`, `NotFound`, `StoreRefused`. */
export function loadDataset({ dataset, labels, format, datasetLayout }: DatasetSource): Promise<Dataset> {
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
