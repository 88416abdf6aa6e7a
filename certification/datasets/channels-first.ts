/**
 * H×W×C values in C×H×W order.
 *
 * @param channels how many values a pixel has.
 */
export function channelsFirst<Values extends Uint8Array | Float32Array>(values: Values, channels: number): Values {
  const pixels = values.length / channels;
  const result = new (values.constructor as new (length: number) => Values)(values.length);
  if (channels === 3) {
    // Colour images in one pass: of an ImageNet crop it takes a third of the time of one for each channel.
    for (let pixel = 0, from = 0; pixel < pixels; pixel++, from += 3) {
      result[pixel] = values[from];
      result[pixel + pixels] = values[from + 1];
      result[pixel + 2 * pixels] = values[from + 2];
    }
    return result;
  }
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      result[channel * pixels + pixel] = values[pixel * channels + channel];
    }
  }
  return result;
}
