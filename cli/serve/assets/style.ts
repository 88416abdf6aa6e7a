/** The pages' stylesheet: in the inks of the runs' own pages, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --quiet: #5f6368; --rule: #dfe1e5; --grid: #e4e6e9; --page: #fff;
  --raised: #f6f7f9; --accent: #1f5fa8; --baseline: #a05a00; --good: #1b7a3d; --alarm: #b3261e; --doubt: #8a5a00;
  --series-1: #1f5fa8; --series-2: #0f766e; --series-3: #7b4bb5; --series-4: #a03b76; --series-5: #5f6368; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --quiet: #a5abb3; --rule: #3c4043; --grid: #303337; --page: #17181a; --raised: #1f2124;
    --accent: #8ab4f8; --baseline: #f0b35e; --good: #81c995; --alarm: #f28b82; --doubt: #fdd663;
    --series-1: #8ab4f8; --series-2: #5ec8bd; --series-3: #c4a0f5; --series-4: #f0a0cf; --series-5: #a5abb3; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); background: var(--page);
  font: 16px/1.5 system-ui, "Liberation Sans", Arial, sans-serif; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--page); padding: .25rem .5rem; z-index: 1; }
.bar { border-bottom: 1px solid var(--rule); }
.bar > div, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
.bar > div { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.5rem; padding-top: .8rem; padding-bottom: .8rem; }
.bar strong { font-weight: 650; letter-spacing: -.01em; }
.bar strong a { color: inherit; text-decoration: none; }
.bar nav a { margin-right: 1rem; text-decoration: none; color: var(--quiet); }
.bar nav a:hover, .bar nav a[aria-current] { color: var(--ink); }
.bar .place { margin-left: auto; color: var(--quiet); font-size: .85rem; overflow-wrap: anywhere; }
main { padding-top: 1.5rem; padding-bottom: 2.5rem; }
footer { color: var(--quiet); font-size: .85rem; padding-bottom: 2.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
.crumbs { font-size: .9rem; margin: 0 0 .35rem; color: var(--quiet); }
.quiet { color: var(--quiet); }
.note { border-left: 3px solid var(--rule); padding: .1rem 0 .1rem .8rem; color: var(--quiet); font-size: .93rem; }
.note.loud { border-color: var(--alarm); color: var(--ink); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { color: var(--quiet); font-size: .9rem; text-align: left; padding-bottom: .4rem; }
th, td { padding: .45rem 1.1rem .45rem 0; text-align: left; vertical-align: baseline; font-weight: normal;
  border-bottom: 1px solid var(--rule); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-size: .87rem; padding-bottom: .3rem; vertical-align: bottom; line-height: 1.3; }
.number { text-align: right; white-space: nowrap; }
.when { white-space: nowrap; }
.run { overflow-wrap: anywhere; }
.why { min-width: 15rem; }
.name { white-space: nowrap; }
td:has(.spark) { vertical-align: middle; padding-top: 0; padding-bottom: 0; }
.gates tbody th { min-width: 9.5rem; }
.figured table { max-width: 46rem; }
tbody tr:hover { background: var(--raised); }
.facts th { width: 13rem; color: var(--quiet); }
.facts td { overflow-wrap: anywhere; }
.facts tbody tr:hover { background: none; }
code { font: .82em/1.5 ui-monospace, "Liberation Mono", monospace; }
ul.plain { list-style: none; margin: .25rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .15rem 1.5rem; }
.pages { display: flex; gap: 1.25rem; align-items: baseline; margin-top: .9rem; font-size: .93rem; color: var(--quiet); }
.mark { display: inline-flex; align-items: baseline; gap: .4em; white-space: nowrap; }
.mark svg { width: .72em; height: .72em; flex: none; overflow: visible; }
.passed svg, .finished svg, .pass svg { color: var(--good); }
.failed, .error, .fail, .unreadable, .cancelled, .terminated { color: var(--alarm); }
.undecided { color: var(--doubt); }
.live svg { color: var(--accent); }
.unfinished, .skipped-night { color: var(--quiet); }
.figures { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; }
.figures span { white-space: nowrap; }
.figures small { color: var(--quiet); font-size: .82em; margin-right: .3em; }
.spark { display: block; width: 8rem; height: 1.75rem; overflow: visible; }
.spark polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.spark circle { fill: var(--accent); }
.spark .bad { fill: var(--alarm); }
figure { margin: 1.25rem 0; }
figure svg, figure img { display: block; width: 100%; height: auto; border-radius: 6px; }
figure img { max-width: 604px; }
figcaption { color: var(--quiet); font-size: .9rem; display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; margin-top: .5rem; }
.chart.narrow { display: none; }
.big { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 1rem 0; padding: 0; }
.big div { min-width: 6rem; }
.big dt { color: var(--quiet); font-size: .87rem; }
.big dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
progress { appearance: none; display: block; width: 100%; height: .6rem; border: 0; border-radius: .3rem; overflow: hidden;
  background: var(--grid); color: var(--accent); margin: .75rem 0; }
progress::-webkit-progress-bar { background: var(--grid); }
progress::-webkit-progress-value { background: var(--accent); transition: width .6s; }
progress::-moz-progress-bar { background: var(--accent); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: 1rem 0; }
label { display: block; color: var(--quiet); font-size: .9rem; }
input, button { font: inherit; color: inherit; padding: .4rem .6rem; border: 1px solid var(--quiet); border-radius: 4px; background: var(--page); }
input { display: block; width: 22rem; max-width: 100%; margin-top: .2rem; }
button { background: var(--accent); border-color: var(--accent); color: var(--page); padding: .4rem 1.1rem; cursor: pointer; }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--quiet); }
@media (max-width: 46rem) {
  .wide { display: none; }
  .bar .place { margin-left: 0; width: 100%; }
  .facts th { width: 8.5rem; }
  .chart.broad { display: none; }
  .chart.narrow { display: block; }
  th, td { padding-right: .8rem; }
}
@media (prefers-reduced-motion: reduce) { progress::-webkit-progress-value { transition: none; } }
@media print { :root { --ink: #000; --quiet: #444; --rule: #bbb; --page: #fff; } .bar nav, .pages, form { display: none; }
  tr, figure { break-inside: avoid; } h2 { break-after: avoid; } }
`;
