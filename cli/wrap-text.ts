/**
 * A sentence in lines of at most so many characters, broken between words; a longer word has a line of its own.
 *
 * @param first begins the first line, and as many blanks all others.
 */
export function wrapText(text: string, { width = 80, first = '' }: { width?: number; first?: string } = {}): string {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const bare = line.length === first.length;
    if (!bare && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line += bare ? word : ` ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
