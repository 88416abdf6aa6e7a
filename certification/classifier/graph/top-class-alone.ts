import { create } from '@bufbuild/protobuf';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, TensorProto_DataType } from 'onnx-buf';
import type { ModelSetup } from '../process/model-process-messages.ts';
import { encodeModel, makeValueInfo } from './onnx.ts';
import { sessionOptions } from '../process/session-options.ts';
import { topClassSuffix } from './top-class-suffix.ts';

/** The runtime's kernels for the suffix are the same for all that `inspectModel` lets in. */
const OPSET = 18;

/** What finds the top classes of a batch of logits on a device, at the sizes of a setup. */
export interface TopClassAlone {
  readonly batchSize: number;
  readonly classes: number;
  topClasses(logits: Float32Array): Promise<Int32Array>;
  close(): Promise<void>;
}

/** The end of a fused model as a session of its own, so that it can be fed any logits. */
export async function topClassAlone(
  setup: Pick<ModelSetup, 'batchSize' | 'classes' | 'threads' | 'device'>,
): Promise<TopClassAlone> {
  const { batchSize, classes } = setup;
  const { FLOAT, INT32 } = TensorProto_DataType;
  const names = { modelLogits: 'given', logits: 'logits', topClass: 'top_class', prefix: 'suffix_' };
  const graph = create(GraphProtoSchema, {
    name: 'top_class',
    node: topClassSuffix({ names, batchSize, classes, opset: OPSET }),
    input: [makeValueInfo(names.modelLogits, FLOAT, [batchSize, classes])],
    output: [makeValueInfo(names.topClass, INT32, [batchSize])],
  });
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(OPSET) })];
  const model = create(ModelProtoSchema, { irVersion: 8n, producerName: 'perimeter', opsetImport, graph });
  const session = await InferenceSession.create(encodeModel(model), sessionOptions(setup));
  return {
    batchSize,
    classes,
    topClasses: async (logits) => {
      const given = new Tensor('float32', logits, [batchSize, classes]);
      return (await session.run({ given })).top_class.data as Int32Array;
    },
    close: () => session.release(),
  };
}
