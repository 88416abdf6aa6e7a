import { extname } from 'node:path';
import { Option, type Command } from 'commander';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { tableFormats } from '../certification/report/tables/write-table.ts';
import { radiiFlag } from './radii-flag.ts';
import { wholeNumber } from './whole-number.ts';

const formats = [...tableFormats, 'svg'] as const;
type DocumentFormat = (typeof formats)[number];

/** What files of a format are called. */
const EXTENSIONS: Readonly<Partial<Record<string, DocumentFormat>>> = {
  '.txt': 'text',
  '.md': 'markdown',
  '.tex': 'latex',
  '.csv': 'csv',
  '.svg': 'svg',
};

/** The flags of a command that prints tables and plots of results. */
export interface DocumentFlags {
  readonly out: string;
  readonly radii?: number[];
  readonly format?: DocumentFormat;
  readonly output?: string;
  readonly title?: string;
  readonly decimals?: number;
  readonly json?: boolean;
}

/** Adds them. */
export function addDocumentFlags(command: Command): Command {
  return command
    .option('--out <uri>', 'where runs are kept, for ids: a folder or s3://', 'perimeter-results')
    .addOption(new Option('--radii <list>', 'certified accuracy at these, such as 0,0.25,0.5').argParser(radiiFlag))
    .addOption(
      new Option('--format <format>', "what to write (default: by the end of --output's name, else text)").choices(
        formats,
      ),
    )
    .option('--output <file>', 'where to write it; a file that is there is replaced (default: standard output)')
    .option('--title <text>', 'the title, or caption, as plain text', (text) => text.trim().replace(/\s+/g, ' '))
    .option(
      '--decimals <count>',
      'of percentages (default: what prints each share exactly, at most 2)',
      wholeNumber({ min: 0, max: 4 }),
    )
    .addOption(new Option('--json', 'write one JSON object').conflicts('format'));
}

/**
 * The format that is asked for.
 *
 * @throws PerimeterError `InvalidRequest` where the name of the file doesn't tell.
 */
export function documentFormat({ format, output }: Pick<DocumentFlags, 'format' | 'output'>): DocumentFormat {
  if (format !== undefined) return format;
  if (output === undefined) return 'text';
  const found = EXTENSIONS[extname(output).toLowerCase()];
  if (found !== undefined) return found;
  throw new PerimeterError(
    'InvalidRequest',
    `The name of ${output} doesn't tell its format: end it with ${Object.keys(EXTENSIONS).join(', ')}, or name one by --format.`,
  );
}
