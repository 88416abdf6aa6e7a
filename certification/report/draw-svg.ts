import type { TopLevelSpec } from 'vega-lite';
import { escapeHtml } from './escape-html.ts';

/** Roles that Vega gives parts of a picture, which have no words of their own: the whole has. */
const PART_ROLES = / role="graphics-\w+" aria-roledescription="[^"]*"/g;

/**
 * Draws a Vega-Lite specification as an SVG document of one line. The bytes are a function of the arguments alone where
 * the specification places everything itself: the widths of texts, which Vega measures where it finds a canvas and
 * estimates elsewhere, may move nothing.
 *
 * @param label the picture in words, for who can't see it.
 * @param attributes more attributes of the root element, by name.
 */
export async function drawSvg(
  spec: TopLevelSpec,
  { label, attributes = {} }: { label: string; attributes?: Readonly<Record<string, string | number>> },
): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
  try {
    const named = { role: 'img', 'aria-label': label, ...attributes };
    const texts = Object.entries(named).map(([name, value]) => `${name}="${escapeHtml(value)}" `);
    const svg = (await view.toSVG()).replaceAll(PART_ROLES, '');
    return svg.replace('<svg ', `<svg ${texts.join('')}`);
  } finally {
    view.finalize();
  }
}
