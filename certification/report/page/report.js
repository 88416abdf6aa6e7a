// The script of a run's page: values along the curve, and the table of examples. All that it shows is in the page.
'use strict';
(() => {
  const NONE = '–';
  /** Pixels; as in the style sheet. */
  const ROW_HEIGHT = 44;
  /** Rows that are made above and below those in sight, so that scrolling finds them there. */
  const AHEAD = 12;
  /** Rows on paper: some four pages. */
  const PRINTED = 100;

  /** @typedef {{ total: number, decimals: number, outcomes: string[], index: number[], label: number[], prediction: number[], guess?: number[], outcome: number[], radius: number[], count?: number[], n?: number[], lowerBound?: number[], baseline?: { outcome: number[], radius: number[], change: number[] }, thumbnails?: { width: number, height: number, channels: 1 | 3, at: number[], pixels: string } }} ExampleList */
  /** @typedef {{ examples: number, end: number, baseline: string | null, points: { radius: number, text: string, certified: number, accuracy: string, share: number, lower: string, wholeCurveLower: string, before: string | null, beforeShare: number | null }[] }} Curve */

  /** @param {string} id @returns {any} */
  const dataOf = (id) => {
    const text = document.getElementById(id)?.textContent;
    return text ? JSON.parse(text) : undefined;
  };
  /** @param {number} value */
  const grouped = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
  /**
   * @template {keyof HTMLElementTagNameMap} Name
   * @param {Name} name @param {string} [className] @param {string} [text]
   */
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  /** @param {Curve} curve @param {HTMLElement} chart */
  function followCurve(curve, chart) {
    const svg = chart.querySelector('svg');
    if (!svg) return;
    const { points, end, examples } = curve;
    const [left, top, width, height] = (svg.dataset.plot ?? '').split(' ').map(Number);
    const { width: whole, height: tall } = svg.viewBox.baseVal;
    const percent = (/** @type {number} */ part, /** @type {number} */ of) => `${(100 * part) / of}%`;

    const slider = element('div', 'slider');
    slider.style.left = percent(left, whole);
    slider.style.width = percent(width, whole);
    slider.style.top = percent(top, tall);
    slider.style.height = percent(height, tall);
    slider.tabIndex = 0;
    slider.setAttribute('role', 'slider');
    slider.setAttribute('aria-label', 'Values of the curve by radius');
    slider.setAttribute('aria-valuemin', '0');
    slider.setAttribute('aria-valuemax', String(points.length - 1));
    const cursor = element('div', 'cursor');
    const dot = element('div', 'dot');
    const other = element('div', 'dot baseline');
    const readout = element('div', 'readout');
    readout.setAttribute('aria-hidden', 'true');
    const marks = [cursor, dot, other, readout];
    for (const mark of marks) mark.hidden = true;
    slider.append(cursor, dot, other);
    chart.append(slider, readout);

    let at = 0;
    /** @param {number} to */
    const say = (to) => {
      at = Math.min(points.length - 1, Math.max(0, to));
      const point = points[at];
      const words = [
        `radius ${point.text}: ${point.accuracy}, ${grouped(point.certified)} of ${grouped(examples)} certified`,
        `at least ${point.lower} at this radius`,
        `at least ${point.wholeCurveLower} at all radii`,
        ...(point.before === null ? [] : [`${curve.baseline} ${point.before}`]),
      ];
      slider.setAttribute('aria-valuenow', String(at));
      slider.setAttribute('aria-valuetext', words.join('; '));
    };
    /** @param {number} to */
    const show = (to) => {
      say(to);
      const point = points[at];
      const across = end === 0 ? 0 : point.radius / end;
      cursor.style.left = dot.style.left = other.style.left = `${100 * across}%`;
      dot.style.top = `${100 - point.share}%`;
      other.style.top = `${100 - (point.beforeShare ?? 0)}%`;
      const list = element('dl');
      const lines = [
        ['accuracy', point.accuracy],
        ['certified', `${grouped(point.certified)} of ${grouped(examples)}`],
        ['bound at this radius', point.lower],
        ['bound at all radii', point.wholeCurveLower],
        ...(curve.baseline === null ? [] : [['baseline', point.before ?? 'not decided']]),
      ];
      for (const [name, value] of lines) list.append(element('dt', '', name), element('dd', '', value));
      readout.replaceChildren(element('strong', '', `radius ${point.text}`), list);
      for (const mark of marks) mark.hidden = false;
      other.hidden = point.beforeShare === null;
      const box = chart.getBoundingClientRect();
      const x = ((left + across * width) / whole) * box.width;
      const room = readout.offsetWidth + 14;
      // Beside the cursor where there is room, and never beyond the chart.
      const beside = x + room <= box.width ? x + 14 : x - room;
      readout.style.left = `${Math.max(0, Math.min(beside, box.width - readout.offsetWidth))}px`;
      // Where the curve is high there is room below it, else above.
      const free = point.share > 50 ? top + height : top;
      const y = (free / tall) * box.height;
      readout.style.top = `${point.share > 50 ? y - readout.offsetHeight - 10 : y + 10}px`;
    };
    const hide = () => {
      for (const mark of marks) mark.hidden = true;
    };
    say(0);

    let frame = 0;
    slider.addEventListener('pointermove', (event) => {
      const box = slider.getBoundingClientRect();
      const radius = ((event.clientX - box.left) / box.width) * end;
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => show(nearest(points, radius)));
    });
    slider.addEventListener('pointerleave', () => {
      cancelAnimationFrame(frame);
      if (document.activeElement !== slider) hide();
    });
    slider.addEventListener('focus', () => {
      if (slider.matches(':focus-visible')) show(at);
    });
    slider.addEventListener('blur', hide);
    slider.addEventListener('keydown', (event) => {
      const far = Math.max(1, Math.round(points.length / 10));
      /** @type {Record<string, number>} */
      const places = {
        ArrowRight: at + 1,
        ArrowUp: at + 1,
        ArrowLeft: at - 1,
        ArrowDown: at - 1,
        PageUp: at + far,
        PageDown: at - far,
        Home: 0,
        End: points.length - 1,
      };
      if (event.key === 'Escape') hide();
      if (!(event.key in places)) return;
      event.preventDefault();
      show(places[event.key]);
    });
  }

  /** @param {Curve['points']} points @param {number} radius */
  function nearest(points, radius) {
    let best = 0;
    points.forEach((point, at) => {
      if (Math.abs(point.radius - radius) < Math.abs(points[best].radius - radius)) best = at;
    });
    return best;
  }

  /** @param {ExampleList} list */
  function listExamples(list) {
    const scroller = /** @type {HTMLElement} */ (document.getElementById('examples'));
    const table = /** @type {HTMLTableElement} */ (scroller.querySelector('table'));
    const form = /** @type {HTMLFormElement} */ (document.getElementById('filters'));
    const shown = /** @type {HTMLOutputElement} */ (document.getElementById('shown'));
    const body = table.tBodies[0];
    const columns = table.tHead?.rows[0].cells.length ?? 0;
    const { decimals, baseline, thumbnails, outcomes } = list;
    const listed = list.index.length;
    const drawThumbnail = thumbnails ? thumbnailDrawer(thumbnails) : undefined;
    const certified = outcomes.indexOf('certified');
    const misclassified = outcomes.indexOf('misclassified');

    const named = (/** @type {number} */ value) => (value < 0 ? NONE : String(value));
    const radius = (/** @type {number} */ value, /** @type {number} */ outcome) =>
      outcome === certified || outcome === misclassified ? value.toFixed(decimals) : NONE;
    const signed = (/** @type {number} */ change) =>
      change === 0 ? change.toFixed(decimals) : `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(decimals)}`;

    /** @param {number} at @param {number} place */
    function rowOf(at, place) {
      const row = element('tr', `o-${outcomes[list.outcome[at]]}`);
      row.setAttribute('aria-rowindex', String(place + 2));
      if (drawThumbnail) {
        const cell = element('td', 'c-image');
        const picture = drawThumbnail(at, list.index[at]);
        if (picture) cell.append(picture);
        row.append(cell);
      }
      const index = element('th', 'c-index', String(list.index[at]));
      index.scope = 'row';
      row.append(
        index,
        element('td', 'c-label', named(list.label[at])),
        element('td', 'c-prediction', named(list.prediction[at])),
        ...(list.guess ? [element('td', 'c-guess', named(list.guess[at]))] : []),
        element('td', 'c-outcome', outcomes[list.outcome[at]]),
        element('td', 'c-radius', radius(list.radius[at], list.outcome[at])),
      );
      if (baseline) {
        const change = baseline.change[at];
        row.append(
          element('td', 'c-before', radius(baseline.radius[at], baseline.outcome[at])),
          element('td', change < 0 ? 'c-change down' : 'c-change', signed(change)),
        );
      }
      const n = list.n?.[at] ?? 0;
      if (list.count) {
        row.append(element('td', 'c-share', n === 0 ? NONE : `${grouped(list.count[at])} of ${grouped(n)}`));
      }
      if (list.lowerBound) {
        row.append(element('td', 'c-lowerBound', n === 0 ? NONE : list.lowerBound[at].toFixed(4)));
      }
      return row;
    }

    /** Values to sort by; undefined stands for the order that the page begins with. */
    const keys = /** @type {Record<string, (at: number) => number>} */ ({
      index: (at) => list.index[at],
      label: (at) => list.label[at],
      prediction: (at) => list.prediction[at],
      guess: (at) => list.guess?.[at] ?? -1,
      outcome: (at) => list.outcome[at],
      radius: (at) => (list.outcome[at] === certified || list.outcome[at] === misclassified ? list.radius[at] : -1),
      before: (at) => baseline?.radius[at] ?? 0,
      change: (at) => baseline?.change[at] ?? 0,
      share: (at) => (list.n?.[at] ? (list.count?.[at] ?? 0) / list.n[at] : -1),
      lowerBound: (at) => (list.n?.[at] ? (list.lowerBound?.[at] ?? 0) : -1),
    });
    /** @type {{ key: string, direction: 1 | -1 } | undefined} */
    let sorted;
    let order = Uint32Array.from({ length: listed }, (_, at) => at);
    /** @type {Uint32Array} */
    let view = order;

    function sort() {
      order = Uint32Array.from({ length: listed }, (_, at) => at);
      if (sorted) {
        const { key, direction } = sorted;
        const values = Float64Array.from(order, keys[key]);
        order.sort((a, b) => direction * (values[a] - values[b]) || a - b);
      }
    }

    /** @param {string} change @param {number} at */
    function changed(change, at) {
      const now = list.outcome[at] === certified;
      const before = baseline?.outcome[at] === certified;
      const by = baseline?.change[at] ?? 0;
      if (change === 'lost') return before && !now;
      if (change === 'gained') return now && !before;
      if (change === 'same') return now === before && by === 0;
      return now && before && (change === 'smaller' ? by < 0 : by > 0);
    }

    function filter() {
      const asked = new FormData(form);
      const value = (/** @type {string} */ name) => String(asked.get(name) ?? '').trim();
      const [index, outcome, label, prediction, change] = ['index', 'outcome', 'label', 'prediction', 'change'].map(
        value,
      );
      view = order.filter(
        (at) =>
          (outcome === '' || list.outcome[at] === Number(outcome)) &&
          (label === '' || list.label[at] === Number(label)) &&
          (prediction === '' || list.prediction[at] === Number(prediction)) &&
          (change === '' || changed(change, at)) &&
          (index === '' || String(list.index[at]).includes(index)),
      );
      shown.textContent = `${grouped(view.length)} of ${grouped(list.total)} examples`;
      table.setAttribute('aria-rowcount', String(view.length + 1));
    }

    /** @type {Map<number, HTMLTableRowElement>} */
    let rows = new Map();
    const above = gap();
    const below = gap();
    function gap() {
      const row = element('tr', 'gap');
      row.setAttribute('aria-hidden', 'true');
      const cell = element('td');
      cell.colSpan = columns;
      row.append(cell);
      return row;
    }

    /** Makes the rows in sight and some around them. */
    function render() {
      const first = Math.max(0, Math.floor(scroller.scrollTop / ROW_HEIGHT) - AHEAD);
      const end = Math.min(view.length, first + Math.ceil(scroller.clientHeight / ROW_HEIGHT) + 2 * AHEAD);
      const now = new Map();
      for (let place = first; place < end; place++) now.set(place, rows.get(place) ?? rowOf(view[place], place));
      rows = now;
      above.style.height = `${first * ROW_HEIGHT}px`;
      below.style.height = `${(view.length - end) * ROW_HEIGHT}px`;
      body.replaceChildren(above, ...rows.values(), below);
    }

    function refresh({ sorting = false } = {}) {
      if (sorting) sort();
      filter();
      rows = new Map();
      scroller.scrollTop = 0;
      render();
    }

    /** @type {{ heading: Element, button: HTMLButtonElement }[]} */
    const headings = [];
    for (const heading of table.querySelectorAll('th[data-key]')) {
      const key = /** @type {HTMLElement} */ (heading).dataset.key ?? '';
      const button = element('button');
      button.append(...heading.childNodes);
      button.type = 'button';
      button.addEventListener('click', () => {
        // Up, down, and back to the order that the page begins with.
        if (sorted?.key !== key) sorted = { key, direction: 1 };
        else if (sorted.direction === 1) sorted = { key, direction: -1 };
        else sorted = undefined;
        for (const each of table.querySelectorAll('th[aria-sort]')) each.removeAttribute('aria-sort');
        if (sorted) heading.setAttribute('aria-sort', sorted.direction === 1 ? 'ascending' : 'descending');
        refresh({ sorting: true });
      });
      heading.replaceChildren(button);
      headings.push({ heading, button });
    }
    form.hidden = false;
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', () => refresh());
    form.addEventListener('reset', () => setTimeout(refresh));

    let frame = 0;
    const later = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(render);
    };
    scroller.addEventListener('scroll', later, { passive: true });
    addEventListener('resize', later);
    addEventListener('beforeprint', () => {
      const printed = [...view.subarray(0, PRINTED)].map((at, place) => rowOf(at, place));
      body.replaceChildren(...printed);
      // Buttons aren't printed where the headings stand again on the next sheet.
      for (const { heading, button } of headings) heading.replaceChildren(...button.childNodes);
    });
    addEventListener('afterprint', () => {
      for (const { heading, button } of headings) {
        button.append(...heading.childNodes);
        heading.append(button);
      }
      render();
    });
    table.setAttribute('aria-colcount', String(columns));
    refresh();
  }

  /** @param {NonNullable<ExampleList['thumbnails']>} thumbnails */
  function thumbnailDrawer({ width, height, channels, at, pixels }) {
    const bytes = Uint8Array.from(atob(pixels), (character) => character.charCodeAt(0));
    const place = new Map(at.map((each, picture) => [each, picture]));
    const size = width * height * channels;
    /** @param {number} example @param {number} index */
    return (example, index) => {
      const picture = place.get(example);
      if (picture === undefined) return undefined;
      const canvas = element('canvas');
      canvas.width = width;
      canvas.height = height;
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', `Example ${index}`);
      const context = canvas.getContext('2d');
      if (!context) return undefined;
      const image = context.createImageData(width, height);
      for (let pixel = 0; pixel < width * height; pixel++) {
        const from = picture * size + pixel * channels;
        for (let channel = 0; channel < 3; channel++) {
          image.data[4 * pixel + channel] = bytes[from + (channels === 3 ? channel : 0)];
        }
        image.data[4 * pixel + 3] = 255;
      }
      context.putImageData(image, 0, 0);
      return canvas;
    };
  }

  const curve = /** @type {Curve | undefined} */ (dataOf('curve-data'));
  if (curve)
    for (const chart of document.querySelectorAll('.chart[data-curve]'))
      followCurve(curve, /** @type {HTMLElement} */ (chart));
  const list = /** @type {ExampleList | undefined} */ (dataOf('examples-data'));
  if (list) listExamples(list);
})();
