import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * Whence a visitor comes, as limits count it: an IPv4 address, or the first 64 bits of an IPv6 address as `2001:db8:0:7::/64`,
 * since a single host has all addresses of its /64 (RFC 7421). A class behind one router is one source.
 */
export type SourceAddress = string;

/** Proxies whose X-Forwarded-For is believed. */
export type TrustedProxies = { has(address: string): boolean };

/** @param list addresses and networks as `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`; each fulfils isAddressOrNetwork */
export function trustProxies(list: string[]): TrustedProxies {
  const trusted = new BlockList();
  for (const entry of list) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    trusted.addSubnet(address, bits === undefined ? WIDTH[family] : Number(bits), family);
  }
  return { has: (address) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') };
}

const WIDTH = { ipv4: 32, ipv6: 128 };

export function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? WIDTH.ipv6 : WIDTH.ipv4));
}

/**
 * The source of a request. Each trusted proxy has added at the end of X-Forwarded-For whom it speaks for; what stands before
 * the first one that is not trusted, anybody may have written.
 */
export function sourceOf(request: IncomingMessage, proxies: TrustedProxies): SourceAddress {
  let address = plain(request.socket.remoteAddress ?? '');
  const hops = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  for (const hop of hops.reverse()) {
    const before = plain(hop.trim());
    if (!proxies.has(address) || isIP(before) === 0) break;
    address = before;
  }
  return isIP(address) === 6 ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address;
}

/** Whoever comes from the machine itself: its operator, or all whom a proxy that is not trusted speaks for. */
export function isLoopback(source: SourceAddress): boolean {
  return source.startsWith('127.') || source === LOOPBACK_V6;
}

const LOOPBACK_V6 = '0:0:0:0::/64';

/** `::ffff:192.0.2.7`, `[2001:db8::1]:443`, `192.0.2.7:443`, `fe80::1%eth0` -> the address alone. */
function plain(text: string): string {
  const address = text
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '');
  if (isIP(address) !== 6) return address;
  const groups = groupsOf(address);
  if (groups.slice(0, 5).some((group) => group !== '0') || groups[5] !== 'ffff') return address;
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address, in the shortest form of each. */
function groupsOf(address: string): string[] {
  // A URL has its address in the form of RFC 5952, without dots.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
}
