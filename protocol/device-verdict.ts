import type { DeviceConnection, DeviceVerdict } from './device.ts';

/** The kernel's numbers of the two protocols (linux/in.h). */
const IPPROTO_TCP = 6;
const IPPROTO_MPTCP = 262;

/**
 * Judges a connection from a device by what the kernel that accepted it says. Only one end is seen, and no packet: where
 * two causes look alike from here, both are named.
 */
export function judgeDevice(connection: DeviceConnection, isOpen: boolean): DeviceVerdict {
  const { protocol, isMptcp, fallback } = connection;
  if (protocol === IPPROTO_TCP) return plainTcp(connection);
  if (protocol === IPPROTO_MPTCP && (isMptcp === false || fallback === true)) return fellBack();
  if (protocol === IPPROTO_MPTCP && (isMptcp === true || fallback === false)) return multipath(connection, isOpen);
  return {
    kind: 'unknown',
    headline: 'A connection, but which?',
    explanation: 'This kernel does not say whether the connection stayed Multipath TCP: it lacks TCP_IS_MPTCP and MPTCP_INFO.',
    remedy: 'Run the site on Linux 5.16 or later.',
  };
}

function multipath({ subflows }: DeviceConnection, isOpen: boolean): DeviceVerdict {
  const count = Math.max(1, subflows.length);
  const sources = [...new Set(subflows.map(({ remote }) => remote))];
  const from = sources.length > 0 ? `, from ${listed(sources)}` : '';
  const alone = isOpen
    ? 'A second one has not come so far.'
    : 'The connection ended before a second one came: the device had no other path, or no need of it.';
  return {
    kind: 'multipath',
    headline: `Multipath TCP, ${count} subflow${count === 1 ? '' : 's'}`,
    explanation: `The device asked for Multipath TCP, and the two ends agreed on it${from}.${count === 1 ? ` ${alone}` : ''}`,
    remedy: '',
  };
}

function fellBack(): DeviceVerdict {
  return {
    kind: 'fallback',
    headline: 'Fell back to TCP',
    explanation:
      'The connection began as Multipath TCP. Then data came without its options, and the kernel went on as plain TCP: something between the device and here changes the packets.',
    remedy: 'Try another network, or TLS on another port: a proxy on the way is the usual cause.',
  };
}

function plainTcp({ strippedAcks }: DeviceConnection): DeviceVerdict {
  const headline = 'Plain TCP';
  if (strippedAcks !== undefined && strippedAcks.most === 0) {
    return {
      kind: 'plain-tcp',
      headline,
      explanation:
        'The first packet had no option of Multipath TCP (version 1) when it arrived. The program did not ask, its system did not let it, or something on the way removed the option.',
      remedy: 'Look at the service type and the entitlement, and try another network.',
    };
  }
  if (strippedAcks !== undefined && strippedAcks.least >= strippedAcks.among) {
    return {
      kind: 'fallback',
      headline: 'Fell back to TCP',
      explanation:
        'The first packet asked for Multipath TCP, but the third one came without its option: something on the way removed it, from the answer of this machine or from that packet.',
      remedy: 'Try another network: something between the device and here removes the options.',
    };
  }
  return {
    kind: 'plain-tcp',
    headline,
    explanation:
      'The kernel took it as plain TCP. Whether the device asked cannot be told: several connections came at the same moment.',
    remedy: 'Connect once more, alone.',
  };
}

/** `a`, `a and b`, `a, b and c`. */
function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
