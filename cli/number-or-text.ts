/** A flag's number; what is none stays as it is, for the schema to refuse by its own words. */
export function numberOrText(value: string): number | string {
  return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value);
}
