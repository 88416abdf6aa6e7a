/** What ONNX Runtime loads to run models on a CUDA device, beside the library that packages of npm hold. */
export const providerFiles = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;

/** What to do where it is missing. */
export const howToGetIt =
  'let the build reach NuGet, or put both files of the same release into cuda-provider/ and build with CUDA_PROVIDER=local (docs/deploy.md)';
