import { isIP } from 'node:net';

/**
 * Whether a request was sent to this runner under a name of its own. A page of a stranger can make its own name point
 * to 127.0.0.1 (DNS rebinding), but then it sends that name: addresses and localhost are safe, names must be listed.
 *
 * @param host the Host header (RFC 9110, section 7.2)
 */
export function isOwnHost(host: string | undefined, publicOrigins: string[]): boolean {
  if (host === undefined) return false;
  const name = hostName(host);
  if (name === null) return false;
  return name === 'localhost' || isIP(name) !== 0 || publicOrigins.some((origin) => new URL(origin).host === host.toLowerCase());
}

/**
 * Whether a WebSocket is opened by a page of this runner (RFC 6455, section 10.2). Browsers always send an Origin;
 * a request without one comes from no page of ours.
 */
export function isOwnOrigin(origin: string | undefined, host: string | undefined, publicOrigins: string[]): boolean {
  if (origin === undefined || host === undefined) return false;
  return origin === `http://${host}` || origin === `https://${host}` || publicOrigins.includes(origin);
}

/** `[::1]:8262` -> `::1`, `Localhost:8262` -> `localhost`; `null` when it is no host. */
function hostName(host: string): string | null {
  try {
    return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return null;
  }
}

/** Whether a browser reaches this runner by HTTPS under the name that it sent: a proxy then stands before the runner. */
export function isSecureOrigin(host: string | undefined, publicOrigins: string[]): boolean {
  return host !== undefined && publicOrigins.includes(`https://${host.toLowerCase()}`);
}

/** Whether all that are listed are names of the machine itself, as for Astro's development server. */
export function areLoopback(publicOrigins: string[]): boolean {
  return publicOrigins.every((origin) => isLoopbackHost(new URL(origin).hostname.replace(/^\[|\]$/g, '')));
}

/** @param host an address or a name to listen on */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
