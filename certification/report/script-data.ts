/** Data in a page, for its script: nothing in it can end the element. */
export function scriptData(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`;
}
