/** A whole number with a comma before every third digit, whatever the host's locale: `100,000`. */
export function groupThousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
