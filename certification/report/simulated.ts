/** Stands above whatever is printed of a run that ran no model. */
export const SIMULATED = 'SIMULATED: no model was run, and nothing here is certified.';
