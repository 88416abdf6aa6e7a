import { S3Client } from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';

/** Of one request, the first included; the SDK waits longer before each. */
const ATTEMPTS = 5;
const CONNECTION_TIMEOUT_MS = 5_000;
/** Without a byte in either direction. */
const SOCKET_TIMEOUT_MS = 60_000;

const clients = new Map<string, S3Client>();

/** What decides which server a client speaks to, and as whom. */
const variables = [
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_PROFILE',
  'AWS_ACCESS_KEY_ID',
  'PERIMETER_S3_PATH_STYLE',
];

/** The process's client for its environment, made when first asked for: clients hold connections and credentials. */
export function sharedS3Client(): S3Client {
  const key = JSON.stringify(variables.map((name) => process.env[name]));
  let client = clients.get(key);
  if (client === undefined) {
    client = createS3Client();
    clients.set(key, client);
  }
  return client;
}

/**
 * A client for S3, or for a server that speaks its protocol.
 *
 * @param options.endpoint by default `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile's, then AWS itself
 * @param options.pathStyle the bucket in the path rather than in the host name: by default `PERIMETER_S3_PATH_STYLE`
 *   (`true` or `false`), else true where an endpoint is given, as most servers other than AWS want it
 * @param options.region by default `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, then `us-east-1`
 * @param options.credentials by default the SDK's own chain (variables, profile, role of the pod or machine)
 * @throws PerimeterError `InvalidRequest` where a variable has no possible value
 */
export function createS3Client(
  options: {
    endpoint?: string;
    pathStyle?: boolean;
    region?: string;
    credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  } = {},
): S3Client {
  const endpoint = options.endpoint ?? (process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL || undefined);
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) {
    throw new PerimeterError('InvalidRequest', `The S3 endpoint is ${endpoint}: expected http://host or https://host.`);
  }
  const region = options.region ?? (process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || undefined);
  // The SDK's notice that its releases of 2027 need Node 22 is for this package's makers, not for its users.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    region: region ?? once(profileRegion),
    forcePathStyle: options.pathStyle ?? pathStyleFromEnvironment() ?? endpoint !== undefined,
    followRegionRedirects: true,
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
  });
}

/** The SDK asks for the region with every request; looking it up takes longer than a small object. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** The SDK looks in the profile, and throws where it has none. */
async function profileRegion(): Promise<string> {
  try {
    return await new S3Client({}).config.region();
  } catch {
    return 'us-east-1';
  }
}

function pathStyleFromEnvironment(): boolean | undefined {
  const value = process.env.PERIMETER_S3_PATH_STYLE;
  if (value === undefined || value === '') return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new PerimeterError('InvalidRequest', `PERIMETER_S3_PATH_STYLE is ${value}: expected true or false.`);
}
