import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { certifyDataset, type CertifyOptions } from '../../certification/certify-dataset.ts';
import type { Certificate } from '../../certification/records/certificate.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { readRows } from '../../certification/read-rows.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { writeIdx } from './write-idx.ts';

/** A test set and a model as files in `folder`, as a user would hand them in. */
export function writeInputs({
  folder,
  model,
  images,
  labels,
  shape,
}: {
  folder: string;
  model: Uint8Array;
  images: readonly Uint8Array[];
  labels: readonly number[];
  shape: readonly [height: number, width: number];
}): Pick<RequestInput, 'model' | 'dataset' | 'labels'> {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, model);
  return { model: path, ...writeIdx({ folder, shape, images, labels }) };
}

/** Runs a request in this process and returns its rows with the result. */
export async function runLocally(request: RequestInput, options: CertifyOptions = {}) {
  const result = await certifyDataset(request, options);
  const store = openStore(request.out ?? '.');
  const certificates = (await readRows({ store, ...result, failedShards: [] })) as Certificate[];
  return { ...result, certificates, folder: fileURLToPath(result.url) };
}

/** The bytes that must be the same however a run was carried out. */
export function resultBytes(folder: string): { parquet: string; summary: string } {
  return {
    parquet: readFileSync(join(folder, 'certificates.parquet')).toString('base64'),
    summary: readFileSync(join(folder, 'summary.json'), 'utf8'),
  };
}
