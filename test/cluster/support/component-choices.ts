/** The components of an installation that one chooses from each list. */
const DEVICES = [['gpu'], ['gpu', 'mig'], ['gpu', 'dra']];
const CAPACITIES = [[], ['spot']];
/** Of the queue of GPUs. */
const SCALING = [[], ['keda']];
const TEMPORAL = [[], ['temporal-mtls'], ['temporal-cloud-apikey']];

/** All installations that the components make, as lists of components. */
export function componentChoices(): string[][] {
  const onGpus = DEVICES.flatMap((device) => SCALING.map((scaling) => [...device, ...scaling]));
  return [[], ...onGpus].flatMap((device) =>
    CAPACITIES.flatMap((capacity) => TEMPORAL.map((temporal) => [...device, ...capacity, ...temporal])),
  );
}
