import { create } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, TensorProto_DataType } from 'onnx-buf';
import { narrowestLattice } from '../certification/narrowest-lattice.ts';
import type { Device } from '../certification/records/device.ts';
import { fuseModel } from '../certification/classifier/graph/fuse-model.ts';
import { inspectModel } from '../certification/classifier/graph/inspect-model.ts';
import { startModelProcess } from '../certification/classifier/process/model-process.ts';
import { encodeModel, makeNode, makeValueInfo } from '../certification/classifier/graph/onnx.ts';

const BATCH_SIZE = 2;
const PIXELS = 4;

/**
 * Runs a tiny model once in a process of its own, as a sampler would run a real one: that the runtime is there, loads,
 * and computes on this machine.
 *
 * @throws PerimeterError as a model's process does.
 */
export async function probeDevice(device: Device): Promise<void> {
  const model = tinyModel();
  const description = inspectModel(model, { name: 'the probe model' });
  const { shape, classes } = description;
  const lattice = { stepsPerUnit: 255, elementType: narrowestLattice(device.kind) };
  const fused = fuseModel(model, { name: 'the probe model', description, batchSize: BATCH_SIZE, ...lattice });
  // Loading runs it on the probe batch.
  const started = await startModelProcess({
    ...lattice,
    fused,
    batchSize: BATCH_SIZE,
    shape,
    classes,
    sigma: 1,
    threads: 1,
    device,
  });
  await started.close();
}

/** Each value is the logit of one class. */
function tinyModel(): Uint8Array {
  const { FLOAT } = TensorProto_DataType;
  const graph = create(GraphProtoSchema, {
    name: 'probe',
    node: [makeNode('Identity', { input: ['input'], output: ['logits'] })],
    input: [makeValueInfo('input', FLOAT, ['N', PIXELS])],
    output: [makeValueInfo('logits', FLOAT, ['N', PIXELS])],
  });
  return encodeModel(
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'perimeter',
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })],
      graph,
    }),
  );
}
