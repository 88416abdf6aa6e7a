import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { PerimeterError } from '../../certification/perimeter-error.ts';

/** The variable with the token, where no file has it. */
export const TOKEN_VARIABLE = 'PERIMETER_SERVE_TOKEN';
/** Fewer could be guessed. */
const LEAST_CHARACTERS = 16;
/** What a header can bear, whoever writes it. */
const CHARACTERS = /^[\x21-\x7e]+$/;

/**
 * The token that requests must bear: of the file, else of the environment; undefined where neither has one and none is
 * needed, as only this machine reaches the address.
 *
 * @throws PerimeterError `InvalidRequest` where it can't be read, is too short, or is missing.
 */
export function readToken({
  host,
  tokenFile,
  env,
}: {
  host: string;
  tokenFile: string | undefined;
  env: NodeJS.ProcessEnv;
}): string | undefined {
  const token = tokenFile === undefined ? env[TOKEN_VARIABLE]?.trim() : fileText(tokenFile).trim();
  const source = tokenFile ?? TOKEN_VARIABLE;
  if (token !== undefined && (tokenFile !== undefined || token !== '')) return checked(token, source);
  if (isLoopback(host)) return undefined;
  throw new PerimeterError(
    'InvalidRequest',
    `Other machines reach ${host}, so a token is needed: put one into a file ("openssl rand -hex 32 > serve.token") and name it by --token-file, or set ${TOKEN_VARIABLE}.`,
  );
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PerimeterError('InvalidRequest', `The token's file ${path} can't be read: ${reason}.`, { cause });
  }
}

function checked(token: string, source: string): string {
  if (token.length >= LEAST_CHARACTERS && CHARACTERS.test(token)) return token;
  throw new PerimeterError(
    'InvalidRequest',
    `The token of ${source} must be at least ${LEAST_CHARACTERS} letters, digits and signs, without spaces: "openssl rand -hex 32" makes one.`,
  );
}

/** Whether only this machine reaches an IP address. */
export function isLoopback(host: string): boolean {
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1';
}
