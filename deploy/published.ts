import { isLoopbackHost } from '../runner/server/origin.ts';

/**
 * Inside a container or a virtual machine the runner listens on all addresses, and only what stands around it knows who can
 * reach them: PUBLISHED, such as `127.0.0.1:8262`. Published on the loopback address, visitors are at this machine, as
 * with `npm start`. Anything else wants the join code, and so does no word about it.
 *
 * @throws Error when PUBLISHED is not an address and a port
 */
export function asPublished(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  // A compose file hands over as empty what nobody has set.
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const settings = { HOST: '0.0.0.0', ...set };
  const published = set['PUBLISHED'];
  if (published === undefined) return settings;
  const url = URL.parse(`http://${published}`);
  if (url === null || !/:\d+$/.test(published)) {
    throw new Error(`PUBLISHED: expected an address and a port, such as 127.0.0.1:8262, found "${published}"`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isLoopbackHost(host)) {
    return { ...(set['JOIN_CODE'] ? {} : { OPEN: '1' }), SHELLS: 'on', ...settings };
  }
  // Of all addresses nobody inside knows which one visitors will open.
  return host === '0.0.0.0' || host === '::' ? settings : { PUBLIC_ORIGINS: url.origin, ...settings };
}
