const HEADER_BYTES = 54;

/**
 * A picture as the data URI of a Windows bitmap of 24 bits a pixel: nothing is compressed, so that no compressor's
 * version decides its bytes.
 *
 * @param pixels rows from the top, in a row pixels from the left, of each its channels.
 */
export function bitmapUri({
  width,
  height,
  channels,
  pixels,
}: {
  width: number;
  height: number;
  channels: 1 | 3;
  pixels: Uint8Array;
}): string {
  // A row's bytes are a multiple of 4; rows come from below, channels blue first.
  const stride = Math.ceil((3 * width) / 4) * 4;
  const bytes = Buffer.alloc(HEADER_BYTES + stride * height);
  bytes.write('BM', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(HEADER_BYTES, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      const to = HEADER_BYTES + (height - 1 - y) * stride + 3 * x;
      for (let channel = 0; channel < 3; channel++)
        bytes[to + 2 - channel] = pixels[from + (channels === 3 ? channel : 0)];
    }
  }
  return `data:image/bmp;base64,${bytes.toString('base64')}`;
}
