import { create } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema } from 'onnx-buf';
import type { GraphProto, StringStringEntryProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { allNodes, modelNodes } from './graph.ts';
import { inspectModel } from './inspect-model.ts';
import { mergeFunctions } from './merge-functions.ts';
import { mergeOpsets } from './merge-opsets.ts';
import { joinSizes } from './join-sizes.ts';
import { namesApart } from './names-apart.ts';
import { encodeModel } from './onnx.ts';
import { readModel } from './read-model.ts';
import type { ReadModel } from './read-model.ts';
import { readShape } from './read-shape.ts';
import { renameTensors, tensorNames } from './rename-tensors.ts';

/** What a name of the classifier begins with where the denoiser uses it too. */
const prefix = 'classifier_';

/** The IR version from which constants need not be inputs. */
const constantsApart = 4n;

const producerName = 'perimeter model stack';

/** One of the two models. */
export interface StackedPart {
  /** The ONNX file, its weights included. */
  bytes: Uint8Array;
  /** What messages call the file. */
  name?: string | undefined;
  /** Its input's name, refused where it has another. */
  input?: string | undefined;
  /** The output that is handed on; needed where there are several. */
  output?: string | undefined;
}

/** A part as it is read, under the name of its file. */
type Part = ReadModel & { name: string };

/**
 * Joins a denoiser and a classifier into one model, `classifier(denoiser(x))`, which is certified like any other: the
 * denoised smoothing of Salman et al. 2020 (arXiv 2003.01908).
 *
 * Nodes and constants stay as they are. The denoiser keeps its names, and so does the classifier but for its input and
 * those that both use, which get `classifier_` before them: tensors, nodes, free sizes and local functions. The
 * runtime optimises the whole, so where it fuses operators across the seam the last bits may differ from those of the
 * two models run one after the other. Information for training is left out.
 *
 * The same files give the same bytes.
 *
 * @throws PerimeterError `InvalidModel`, one sentence, where either can't be certified or they don't fit
 */
export function stackModels(parts: { denoiser: StackedPart; classifier: StackedPart }): Uint8Array {
  const denoiser = readPart(parts.denoiser, { name: 'the denoiser', gives: 'the denoised image' });
  const classifier = readPart(parts.classifier, { name: 'the classifier', gives: 'a value a class' });
  // Refuses what isn't a classifier in its own name.
  inspectModel(parts.classifier.bytes, { ...parts.classifier, name: classifier.name });
  checkTypes(denoiser, classifier);
  const [first, second] = [denoiser.model, classifier.model];
  const opsetImport = mergeOpsets(denoiser, classifier);
  const irVersion = first.irVersion > second.irVersion ? first.irVersion : second.irVersion;
  const dims = joinSizes(denoiser, classifier, prefix);
  readShape({ ...denoiser.input, dims }, { name: denoiser.name });
  for (const part of [denoiser, classifier]) if (irVersion >= constantsApart) unlistConstants(part);

  for (const node of [first, second].flatMap(modelNodes)) node.deviceConfigurations = [];
  const functions = mergeFunctions(denoiser, classifier, prefix);
  const graph = joinGraphs(denoiser, classifier);
  const metadataProps = mergeEntries(first.metadataProps, second.metadataProps);
  return encodeModel(
    create(ModelProtoSchema, { irVersion, producerName, opsetImport, functions, metadataProps, graph }),
  );
}

function readPart(part: StackedPart, { name, gives }: { name: string; gives: string }): Part {
  const { bytes, name: file = name, input, output } = part;
  return { ...readModel(bytes, { name: file, input, output, gives }), name: file };
}

function checkTypes(denoiser: Part, classifier: Part): void {
  const [given, taken] = [denoiser.output, classifier.input];
  if (given.type === 'float32' && taken.type === 'float32') return;
  throw new PerimeterError(
    'InvalidModel',
    `${denoiser.name} gives ${given.type} in output '${given.name}' and ${classifier.name} takes ${taken.type} in input '${taken.name}': only float32 can be handed on; export both with it.`,
  );
}

/**
 * Before that IR version all constants are listed as inputs; from it on, those that a caller may replace, which the
 * runtime then can't optimise.
 */
function unlistConstants({ model, graph, input }: Part): void {
  if (model.irVersion < constantsApart) graph.input = graph.input.filter(({ name }) => name === input.name);
}

function joinGraphs(denoiser: Part, classifier: Part): GraphProto {
  const [first, second] = [denoiser.graph, classifier.graph];
  const seam = denoiser.output.name;
  const newNames = namesApart(tensorNames(second), tensorNames(first), prefix);
  newNames.set(classifier.input.name, seam);
  renameTensors(second, newNames);
  // ONNX Runtime refuses two nodes of one name.
  const newNodeNames = namesApart(nodeNames(second), nodeNames(first), prefix);
  for (const node of allNodes(second)) node.name = newNodeNames.get(node.name) ?? node.name;

  const input = [...first.input, ...second.input.filter(({ name }) => name !== seam)];
  const scores = newNames.get(classifier.output.name) ?? classifier.output.name;
  const output = second.output.filter(({ name }) => name === scores);
  const declared = new Set([...input, ...output].map(({ name }) => name));
  // What were outputs are inner tensors now.
  const inner = [...first.valueInfo, ...first.output, ...second.valueInfo, ...second.output];
  return create(GraphProtoSchema, {
    name: 'stack',
    node: [...first.node, ...second.node],
    initializer: [...first.initializer, ...second.initializer],
    sparseInitializer: [...first.sparseInitializer, ...second.sparseInitializer],
    input,
    output,
    valueInfo: firstOfEach(inner, ({ name }) => name).filter(({ name }) => !declared.has(name)),
    quantizationAnnotation: firstOfEach(
      [...first.quantizationAnnotation, ...second.quantizationAnnotation],
      ({ tensorName }) => tensorName,
    ),
    metadataProps: mergeEntries(first.metadataProps, second.metadataProps),
  });
}

function nodeNames(graph: GraphProto): Set<string> {
  const names = new Set(allNodes(graph).map(({ name }) => name));
  names.delete('');
  return names;
}

function firstOfEach<Item>(items: Item[], keyOf: (item: Item) => string): Item[] {
  const firsts = new Map<string, Item>();
  for (const item of items) if (!firsts.has(keyOf(item))) firsts.set(keyOf(item), item);
  return [...firsts.values()];
}

/** The entries of both; where they differ under one key, the classifier's under another. */
function mergeEntries(first: StringStringEntryProto[], second: StringStringEntryProto[]): StringStringEntryProto[] {
  const ours = new Map(first.map(({ key, value }) => [key, value]));
  const added = second.filter(({ key, value }) => ours.get(key) !== value);
  const newKeys = namesApart(new Set(added.map(({ key }) => key)), new Set(ours.keys()), prefix);
  for (const entry of added) entry.key = newKeys.get(entry.key) ?? entry.key;
  return [...first, ...added];
}
