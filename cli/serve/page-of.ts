/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Counted from 1. */
  readonly page: number;
  readonly pages: number;
  /** Of the whole list. */
  readonly total: number;
}

/** One page of a list; the last where there are fewer. */
export function pageOf<Item>(all: readonly Item[], { page, size }: { page: number; size: number }): Page<Item> {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const shown = Math.min(page, pages);
  return { items: all.slice((shown - 1) * size, shown * size), page: shown, pages, total: all.length };
}

/** The page that a query asks for: the first where it asks for none that can be. */
export function askedPage(text: string | undefined): number {
  return /^[1-9]\d{0,6}$/.test(text ?? '') ? Number(text) : 1;
}
