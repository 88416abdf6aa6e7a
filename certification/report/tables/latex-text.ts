/** What LaTeX takes for its own, and signs that its usual fonts lack, each as it has to be written. */
const WRITTEN: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  _: '\\_',
  '%': '\\%',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '`': '\\textasciigrave{}',
  // A straight one is in no font of the old encoding.
  '"': "''",
  α: '$\\alpha$',
  λ: '$\\lambda$',
  ρ: '$\\rho$',
  σ: '$\\sigma$',
  ℓ: '$\\ell$',
  ℓ1: '$\\ell_1$',
  ℓ2: '$\\ell_2$',
  'ℓ∞': '$\\ell_\\infty$',
  '∞': '$\\infty$',
  '≤': '$\\le$',
  '≥': '$\\ge$',
  '×': '$\\times$',
  '−': '$-$',
  '–': '--',
  '…': '\\dots{}',
  // Before another one: two of them would become a dash.
  '-': '-{}',
};

/** A plain text that LaTeX prints as it is, with any engine and without a package. */
export function latexText(text: string): string {
  return text.replace(/ℓ[12∞]|-(?=-)|[\\{}$&#_%~^<>|`"αλρσℓ∞≤≥×−–…]/gu, (sign) => WRITTEN[sign]);
}
