/**
 * H×W×C values in C×H×W order.
 *
 * @param channels how many values a pixel has.
 */
export function channelsFirst<Values extends Uint8Array | Float32Array>(values: Values, channels: number): Values {
  const pixels = values.length / channels;
  const result = values.slice() as Values;
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      result[channel * pixels + pixel] = values[pixel * channels + channel];
    }
  }
  return result;
}
