/** The components of an installation that one chooses from each list. */
const DEVICES = [[], ['gpu'], ['gpu', 'mig'], ['gpu', 'dra']];
const CAPACITIES = [[], ['spot']];
const SCALING = [[], ['keda']];
const TEMPORAL = [[], ['temporal-mtls'], ['temporal-cloud-apikey']];

/** All installations that the components make, as lists of components. */
export function componentChoices(): string[][] {
  return DEVICES.flatMap((device) =>
    CAPACITIES.flatMap((capacity) =>
      SCALING.flatMap((scaling) => TEMPORAL.map((temporal) => [...device, ...capacity, ...scaling, ...temporal])),
    ),
  );
}
