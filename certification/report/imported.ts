/** Stands above whatever is printed of results that were made elsewhere. */
export const IMPORTED = 'IMPORTED: made elsewhere; nothing of it was checked here.';
