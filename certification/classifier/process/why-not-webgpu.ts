/** How the runtime says that there is no GPU that it could use. */
const NO_ADAPTER = /webgpu_context\.cc|Failed to get a WebGPU/;
/** How its package says that it was built without WebGPU, as the one for Linux on ARM is. */
const NOT_BUILT_IN = /\[webgpu\] backend not found/;
/** How the runtime says that a shader asks for half precision. */
const NO_HALF = /requires f16 but the device does not support it/;
/** How the runtime says that a buffer could not be had. */
const NO_MEMORY = /WebGPU validation failed\. (\[Invalid Buffer|Buffer size .* exceeds)/;

/**
 * The sentence for what keeps this machine, and not the model, from using WebGPU.
 *
 * @param reason what ONNX Runtime says
 * @returns undefined where it says something else
 */
export function whyNotWebGpu(reason: string): string | undefined {
  if (NOT_BUILT_IN.test(reason)) {
    return "This machine's ONNX Runtime has no WebGPU: onnxruntime-node has it on Windows, on Apple silicon, and on Linux on x64.";
  }
  if (NO_ADAPTER.test(reason)) {
    return (
      `ONNX Runtime can't use WebGPU (${lastSentence(reason)}). It needs a GPU with its driver; on Linux that is a Vulkan driver with ` +
      'what WebGPU asks for (Mesa\'s are in the package mesa-vulkan-drivers) and the Vulkan loader (libvulkan1 of Debian and Ubuntu). "vulkaninfo --summary" lists what there is.'
    );
  }
  if (NO_HALF.test(reason)) {
    return 'The model computes in half precision, and this GPU or its driver has none for WebGPU (the feature shader-f16): use the model in single precision.';
  }
  if (NO_MEMORY.test(reason)) {
    return "The model with its batch doesn't fit into this GPU's memory: ask for a smaller batchSize (--batch-size).";
  }
  return undefined;
}

/** Without the place in the runtime's source, and the line's end. */
function lastSentence(reason: string): string {
  return reason.replace(/^.*was false\. /s, '').trim();
}
