export { certifyDataset } from './certify-dataset.ts';
export { certifyRange } from './certify-range.ts';
