const WIDTH = 80;

/**
 * A text as lines of at most 80 characters, broken at spaces; a longer word has a line of its own.
 *
 * @param first begins the first line, and as many blanks all others.
 */
export function wrapText(text: string, first = ''): string[] {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const bare = line.length === first.length;
    if (!bare && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else {
      line += bare ? word : ` ${word}`;
    }
  }
  return [...lines, line];
}
