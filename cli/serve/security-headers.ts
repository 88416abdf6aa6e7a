import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { ServeEnv } from './access.ts';

/**
 * Headers of every answer, but for those that a handler set itself. Pages load nothing but this server's own style,
 * script and pictures, can't be framed, and tell nobody where their links were followed from.
 */
export function securityHeaders(): MiddlewareHandler<ServeEnv> {
  return secureHeaders({
    overwrite: false,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
    // It speaks HTTP; a proxy that speaks HTTPS in front of it says whether it always will.
    strictTransportSecurity: false,
  });
}
