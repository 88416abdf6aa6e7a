/** Cells right-aligned in columns of the given widths, two spaces apart; what is too wide shows in full. */
export function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, at) => cell.padStart(widths[at]))
    .join('  ')
    .trimEnd();
}
