// Required by the SDK, and bundled for the workflows' sandbox: CommonJS, in JavaScript, suits both.
const { DefaultFailureConverter } = require('@temporalio/common');

/** Puts messages and stack traces of failures into a payload, which the codec encrypts. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
