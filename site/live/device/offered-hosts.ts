/**
 * The addresses that a device can try, the likeliest first: as this page was reached, unless that is the machine's own
 * loopback, then what the runner knows of its machine, IPv4 first.
 *
 * @param hostname of the page, as `location` has it: an IPv6 address in brackets
 */
export function offeredHosts(hostname: string, addresses: string[]): string[] {
  const page = hostname.replace(/^\[|\]$/g, '');
  const isLoopback = page === 'localhost' || page === '::1' || /^127\./.test(page);
  const known = addresses.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
  return [...new Set(isLoopback ? known : [page, ...known])];
}
