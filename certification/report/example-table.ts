import { bitmapUri } from './bitmap-uri.ts';
import { escapeHtml } from './escape-html.ts';
import type { ExampleList } from './example-list.ts';
import { groupThousands } from './group-thousands.ts';
import { scriptData } from './script-data.ts';

/** Examples that the page shows where it runs no script. */
const STATIC_ROWS = 30;
const NONE = '–';

/** The columns of the table of examples: the key that the script sorts by, and the heading. */
function columnsOf(list: ExampleList) {
  return [
    ...(list.thumbnails ? [{ key: '', heading: 'image' }] : []),
    { key: 'index', heading: 'index' },
    { key: 'label', heading: 'label' },
    { key: 'prediction', heading: 'prediction' },
    ...(list.guess ? [{ key: 'guess', heading: 'guess' }] : []),
    { key: 'outcome', heading: 'outcome' },
    { key: 'radius', heading: 'radius' },
    ...(list.baseline
      ? [
          { key: 'before', heading: 'baseline' },
          { key: 'change', heading: 'change' },
        ]
      : []),
    ...(list.count ? [{ key: 'share', heading: 'top class' }] : []),
    ...(list.lowerBound ? [{ key: 'lowerBound', heading: 'p̲<sub>A</sub>' }] : []),
  ];
}

/**
 * The table of examples as HTML: its first rows, controls to filter it, hidden until the script brings them to life, and
 * its data, which the script makes all other rows of.
 */
export function exampleTable(list: ExampleList): string {
  const columns = columnsOf(list);
  const rows = Array.from({ length: Math.min(STATIC_ROWS, list.index.length) }, (_, at) => row(list, at));
  return `<form class="filters" id="filters" hidden>
<label>Index <input type="search" name="index" inputmode="numeric" autocomplete="off" size="8"></label>
<label>Outcome <select name="outcome"><option value="">any</option>${list.outcomes
    .map((each, at) => `<option value="${at}">${each}</option>`)
    .reverse()
    .join('')}</select></label>
<label>Label <select name="label"><option value="">any</option>${options(list.label)}</select></label>
<label>Prediction <select name="prediction"><option value="">any</option>${options(list.prediction)}</select></label>
${list.baseline ? '<label>Change <select name="change"><option value="">any</option><option value="lost">lost</option><option value="smaller">smaller radius</option><option value="same">same</option><option value="larger">larger radius</option><option value="gained">gained</option></select></label>\n' : ''}<button type="reset">Clear</button>
<output id="shown"></output>
</form>
<div class="examples" id="examples" role="region" aria-label="Examples" tabindex="0">
<table aria-describedby="examples-note">
<colgroup>${columns.map((each) => `<col class="c-${each.key || 'image'}">`).join('')}</colgroup>
<thead><tr>${columns.map(({ key, heading }) => `<th scope="col" class="c-${key || 'image'}"${key ? ` data-key="${key}"` : ''}>${heading}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>
${scriptData('examples-data', list)}`;
}

function options(values: readonly number[]): string {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  return distinct.map((each) => `<option value="${each}">${each < 0 ? 'none' : each}</option>`).join('');
}

function row(list: ExampleList, at: number): string {
  const cells = [
    ...(list.thumbnails ? [`<td class="c-image">${picture(list.thumbnails, list.index[at], at)}</td>`] : []),
    `<th scope="row" class="c-index">${list.index[at]}</th>`,
    ...exampleCells(list, at).map(({ name, text }) => `<td class="c-${name}">${escapeHtml(text)}</td>`),
  ];
  return `<tr class="o-${list.outcomes[list.outcome[at]]}">${cells.join('')}</tr>`;
}

/** What stands in the cells after the index; the page's script writes the same. */
function exampleCells(list: ExampleList, at: number): { name: string; text: string }[] {
  const { decimals, baseline } = list;
  const n = list.n?.[at] ?? 0;
  const drawn = n > 0;
  const named = (each: number) => (each < 0 ? NONE : String(each));
  const certified = (outcome: number) => ['certified', 'misclassified'].includes(list.outcomes[outcome]);
  const radius = (value: number, outcome: number) => (certified(outcome) ? value.toFixed(decimals) : NONE);
  return [
    { name: 'label', text: named(list.label[at]) },
    { name: 'prediction', text: named(list.prediction[at]) },
    ...(list.guess ? [{ name: 'guess', text: named(list.guess[at]) }] : []),
    { name: 'outcome', text: list.outcomes[list.outcome[at]] },
    { name: 'radius', text: radius(list.radius[at], list.outcome[at]) },
    ...(baseline
      ? [
          { name: 'before', text: radius(baseline.radius[at], baseline.outcome[at]) },
          { name: 'change', text: signed(baseline.change[at], decimals) },
        ]
      : []),
    ...(list.count
      ? [{ name: 'share', text: drawn ? `${groupThousands(list.count[at])} of ${groupThousands(n)}` : NONE }]
      : []),
    ...(list.lowerBound ? [{ name: 'lowerBound', text: drawn ? list.lowerBound[at].toFixed(4) : NONE }] : []),
  ];
}

function signed(change: number, decimals: number): string {
  const size = Math.abs(change).toFixed(decimals);
  return change === 0 ? size : `${change < 0 ? '−' : '+'}${size}`;
}

function picture(thumbnails: NonNullable<ExampleList['thumbnails']>, index: number, at: number): string {
  const found = thumbnails.at.indexOf(at);
  if (found < 0) return '';
  const { width, height, channels } = thumbnails;
  const size = width * height * channels;
  // Whole groups of base64 that hold this picture: the rest is not decoded for it.
  const first = Math.floor((found * size) / 3);
  const text = thumbnails.pixels.slice(4 * first, 4 * Math.ceil(((found + 1) * size) / 3));
  const from = found * size - 3 * first;
  const pixels = Buffer.from(text, 'base64').subarray(from, from + size);
  return `<img src="${bitmapUri({ width, height, channels, pixels })}" alt="Example ${index}">`;
}
