/** The least integer of from … to at which `holds`, which must stay true once it is and be true at `to`; by bisection. */
export function leastInteger({
  from,
  to,
  holds,
}: {
  from: number;
  to: number;
  holds: (candidate: number) => boolean;
}): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
