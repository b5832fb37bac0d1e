import { isIP } from 'node:net';
import type { networkInterfaces } from 'node:os';

/** Addresses that others can open, the likeliest first: `http://192.0.2.7:8262/`. */
export function reachableAt(
  { host, port, publicOrigins }: { host: string; port: number; publicOrigins: string[] },
  interfaces: ReturnType<typeof networkInterfaces>,
): string[] {
  if (publicOrigins.length > 0) return publicOrigins.map((origin) => `${origin}/`);
  const hosts = isAny(host) ? ownAddresses(interfaces, host) : [host];
  return hosts.map((address) => `http://${isIP(address) === 6 ? `[${address}]` : address}:${port}/`);
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Of the machine's own network, not those that end on the machine or on the link; IPv4 first, which is shorter to type. */
function ownAddresses(interfaces: ReturnType<typeof networkInterfaces>, host: string): string[] {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  const outward = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  const of = (family: string) => outward.filter((entry) => entry.family === family).map(({ address }) => address);
  return host === '::' ? [...of('IPv4'), ...of('IPv6')] : of('IPv4');
}
