export interface NewMember {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** The header's type flag; a plain file where left out. */
  readonly type?: string;
  /** Writes the size as GNU tar does from 8 GiB on. */
  readonly base256?: boolean;
}

/** A tar archive, POSIX ustar, with whatever members it is told to have. */
export function tar(...members: readonly NewMember[]): Uint8Array {
  const blocks = members.flatMap(({ name, content: given = '', type = '0', base256 = false }) => {
    const content = Buffer.from(given);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    if (base256) {
      header.fill(0, 124, 136);
      header[124] = 0x80;
      header.writeUInt32BE(content.length, 132);
    }
    header.write('        ', 148);
    header.write(type, 156);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc(512 * Math.ceil(content.length / 512) - content.length)];
  });
  return new Uint8Array(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
