/**
 * The most bytes, uncompressed, that a reader which holds its dataset whole will take in: 2 GiB. Every worker holds a
 * copy, ONNX models need the rest of a pod's memory, and Node 20 ends at 4 GiB a buffer. It is also what stops a
 * compressed file of a few megabytes from unpacking into all the memory there is.
 */
export const MAX_IN_MEMORY_BYTES = 2 ** 31;

/** Arrays that can be read by parts are held up to this size: 512 MiB. */
export const MAX_HELD_BYTES = 2 ** 29;
