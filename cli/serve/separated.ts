/** Neighbours that stand as close as they may, around the mean of where they belong. */
interface Block {
  readonly members: readonly number[];
  readonly centre: number;
}

/**
 * Moves places on a line apart, in their order and as little as that takes: those that are apart stay where they are.
 *
 * @param gap between two neighbours at least.
 */
export function separated(places: readonly number[], gap: number): number[] {
  const order = places.map((_, at) => at).sort((a, b) => places[a] - places[b]);
  const half = ({ members }: Block) => (gap * (members.length - 1)) / 2;
  const blocks: Block[] = [];
  for (const at of order) {
    let block: Block = { members: [at], centre: places[at] };
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      if (last.centre + half(last) + gap <= block.centre - half(block)) break;
      const members = [...last.members, ...block.members];
      const centre = members.reduce((sum, member) => sum + places[member], 0) / members.length;
      block = { members, centre };
      blocks.pop();
    }
    blocks.push(block);
  }
  const moved = [...places];
  for (const block of blocks) {
    block.members.forEach((at, rank) => (moved[at] = block.centre - half(block) + gap * rank));
  }
  return moved;
}
