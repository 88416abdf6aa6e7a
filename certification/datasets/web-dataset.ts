import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import type { Listing } from './listing.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { partsOf } from './parts.ts';
import { tarMembers, type TarMember } from './tar-members.ts';

/** How many archives are listed at once: each waits for one request after another. */
const LISTED_AT_ONCE = 16;
const imageSuffixes = ['jpg', 'jpeg', 'png', 'webp'];
const suffixList = imageSuffixes.map((suffix) => `.${suffix}`).join(', ');
/** More than any label has, with room for spaces. */
const MAX_LABEL_BYTES = 32;

/** What of a sample has been found so far. */
interface Sample {
  readonly key: string;
  readonly image?: TarMember;
  readonly label?: number;
}

/** The samples of one archive. */
interface Samples {
  readonly labels: number[];
  readonly from: number[];
  readonly to: number[];
}

/**
 * Lists the samples of a WebDataset (https://github.com/webdataset/webdataset): tar archives whose members are grouped
 * by their path up to the first dot of the last name. Of each sample one image, `.jpg`, `.jpeg`, `.png` or `.webp`, and
 * its class in decimal digits, `.cls`; other members are passed over.
 *
 * @param keys the archives, in the order that the examples are to have.
 * @throws PerimeterError `InvalidDataset`, one sentence that names the archive; and whatever the folder throws.
 */
export async function listWebDataset(folder: InputFolder, keys: readonly string[]): Promise<Listing> {
  const archives = await mapConcurrently(keys, LISTED_AT_ONCE, (key) => listArchive(folder, key));
  const parts = partsOf(archives.map(({ labels }) => labels.length));
  if (parts.examples === 0) {
    throw new PerimeterError(
      'InvalidDataset',
      `No sample is in ${keys.map((key) => folder.url(key)).join(', ') || 'no archive'}: an image (${suffixList}) and a label (.cls) of the same name were expected.`,
    );
  }
  return {
    examples: parts.examples,
    labels: Int32Array.from(archives.flatMap(({ labels }) => labels)),
    encoding: { type: 'image' },
    locate(index) {
      const { part, within } = parts.find(index);
      return { key: keys[part], range: [archives[part].from[within], archives[part].to[within]] };
    },
  };
}

async function listArchive(folder: InputFolder, key: string): Promise<Samples> {
  const fault = (sentence: string) => new PerimeterError('InvalidDataset', `${folder.url(key)} ${sentence}`);
  const samples: Samples = { labels: [], from: [], to: [] };
  const finished = new Set<string>();
  let sample: Sample | undefined;

  const finish = (): void => {
    if (sample === undefined) return;
    const { image, label } = sample;
    if (image === undefined) {
      throw fault(
        `has a label but no image of the sample ${JSON.stringify(sample.key)}: a member ${suffixList} was expected beside it.`,
      );
    }
    if (label === undefined) {
      throw fault(
        `has an image but no label of the sample ${JSON.stringify(sample.key)}: a member ${JSON.stringify(`${sample.key}.cls`)} was expected beside it.`,
      );
    }
    samples.labels.push(label);
    samples.from.push(image.from);
    samples.to.push(image.to);
    finished.add(sample.key);
  };

  for await (const member of tarMembers(folder, key)) {
    const name = JSON.stringify(member.name);
    if (member.name.startsWith('/') || member.name.split('/').includes('..')) {
      throw fault(`has a member ${name}, but members are named by relative paths without "..".`);
    }
    const { sampleKey, suffix } = splitName(member.name);
    const isImage = imageSuffixes.includes(suffix);
    if (member.type === 'folder' || !(isImage || suffix === 'cls')) continue;
    if (member.type !== 'file') {
      throw fault(
        `has ${member.type === 'link' ? 'a link' : 'a special file'} for the member ${name}: a plain file was expected.`,
      );
    }
    if (sample?.key !== sampleKey) {
      finish();
      if (finished.has(sampleKey)) {
        throw fault(
          `has the sample ${JSON.stringify(sampleKey)} twice, with others between: the members of a sample follow one another (tar --sort=name).`,
        );
      }
      sample = { key: sampleKey };
    }
    if (isImage) {
      if (sample.image !== undefined) {
        throw fault(
          `has two images of the sample ${JSON.stringify(sampleKey)}, ${JSON.stringify(sample.image.name)} and ${name}: one was expected.`,
        );
      }
      sample = { ...sample, image: member };
    } else {
      if (sample.label !== undefined)
        throw fault(`has two labels of the sample ${JSON.stringify(sampleKey)}: one was expected.`);
      sample = { ...sample, label: await readLabel(member, fault) };
    }
  }
  finish();
  return samples;
}

/** As webdataset does: at the first dot of the last name, the suffix in small letters; hidden and `__meta__` names aside. */
function splitName(name: string): { sampleKey: string; suffix: string } {
  const [, sampleKey = '', suffix = ''] = /^((?:.*\/)?[^./]+)\.([^/]*)$/s.exec(name) ?? [];
  return /^__[^/]*__(\/|$)/.test(name) ? { sampleKey: '', suffix: '' } : { sampleKey, suffix: suffix.toLowerCase() };
}

async function readLabel(member: TarMember, fault: (sentence: string) => PerimeterError): Promise<number> {
  const size = member.to - member.from;
  const text = size > MAX_LABEL_BYTES ? undefined : Buffer.from(await member.read()).toString('utf8');
  const label = text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(label) || label > 0x7fffffff) {
    const found = text === undefined ? `${size} bytes` : JSON.stringify(text);
    throw fault(
      `has ${found} for the label ${JSON.stringify(member.name)}, but a label is a class index, a whole number from 0 up.`,
    );
  }
  return label;
}
