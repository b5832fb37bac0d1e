import type { RunHost } from '../../../protocol/manifest.ts';

/** An address that a host told the other one of (ADD_ADDR); `withdrawn` once it took it back (REMOVE_ADDR). */
export type Announced = { host: RunHost; addressId: number; address: string; port: number | null; withdrawn: boolean };

/** A host has at most eight endpoints (MPTCP_PM_ADDR_MAX), and may change them while a program runs. */
const MAX_ANNOUNCED = 16;

/** The port of the connection itself is told by the kernel for an address that was announced without one. */
export function withAnnounced(all: Announced[], one: Omit<Announced, 'withdrawn'>): Announced[] {
  const others = all.filter(({ host, address, port }) => host !== one.host || address !== one.address || port !== one.port);
  return [...others, { ...one, withdrawn: false }].slice(-MAX_ANNOUNCED);
}

export function withoutAnnounced(all: Announced[], host: RunHost, addressId: number): Announced[] {
  return all.map((one) => (one.host === host && one.addressId === addressId ? { ...one, withdrawn: true } : one));
}

/** `10.0.9.2`, `10.0.9.1:5005`, `[fd00:9::2]:5005` */
export function addressText(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
