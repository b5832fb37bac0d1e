import { type Config, readConfig } from '../config.ts';
import { areLoopback, isLoopbackHost } from '../server/origin.ts';
import type { Finding } from './finding.ts';

/** Who may use labs with these settings, and whether visitors can be told apart. */
export function visitors(environment: Record<string, string | undefined>): Finding {
  const base = { name: 'visitors', title: 'Visitors', necessary: true } as const;
  try {
    return { ...base, ...whoComes(readConfig(environment)) };
  } catch (error) {
    const found =
      error instanceof Error
        ? error.message
            .split('\n')
            .map((line) => line.trim())
            .join(' ')
        : String(error);
    return { ...base, state: 'missing', found, remedy: 'Mend these settings: the runner does not start with them.' };
  }
}

function whoComes({ host, join, publicOrigins, trustedProxies }: Config): Pick<Finding, 'state' | 'found' | 'remedy'> {
  const isBehindProxy = !areLoopback(publicOrigins);
  if (isBehindProxy && trustedProxies.length === 0) {
    return {
      state: 'limited',
      found:
        'PUBLIC_ORIGINS says that a proxy is there, and none is trusted: limits for each address count all visitors as one, or not at all.',
      remedy: 'Set TRUSTED_PROXIES to the address of the proxy, and let it set X-Forwarded-For.',
    };
  }
  if (join.wanted) {
    const code = join.code === null ? 'it is a new one at each start, JOIN_CODE sets one that stays' : 'it is that of JOIN_CODE';
    return { state: 'ok', found: `Labs are for those who have the join code: ${code}.`, remedy: null };
  }
  return isBehindProxy || !isLoopbackHost(host)
    ? {
        state: 'limited',
        found: 'Everybody who can open the site can use labs (OPEN=1).',
        remedy: 'Without OPEN, the runner asks for a join code.',
      }
    : { state: 'ok', found: `The runner listens on ${host}: its visitors are at this machine.`, remedy: null };
}
