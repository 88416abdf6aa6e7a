/** The largest integer that a table may draw: the guide holds twice the drawn integer in 16 bits. */
export const MAX_SUPPORT = 0x3fff;
