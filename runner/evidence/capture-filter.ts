/**
 * Filters for tcpdump (pcap-filter(7)) that the kernel applies, so that thousands of data packets cost nothing. What is
 * provably bulk is left out of the control packets: no SYN, FIN or RST, and as options only timestamps, selective
 * acknowledgments and a DSS without DATA_FIN, as Linux lays them out (tcp_options_write). All that is unusual is control.
 */
export const CONTROL_PACKETS = `tcp and not (${bulk()})`;
export const DATA_PACKETS = `tcp and (${bulk()})`;

function bulk(): string {
  return `(ip and ip[6:2]&0x1fff=0 and ip[9]=6 and ${bulkOf('tcp', 0)}) or (ip6 and ip6[6]=6 and ${bulkOf('ip6', 40)})`;
}

/** @param start where the TCP header begins among the bytes that pcap-filter(7) calls `header` */
function bulkOf(header: 'tcp' | 'ip6', start: number): string {
  const byte = (offset: number, plus = '') => `${header}[${start + offset}${plus}]`;
  const headerBytes = `((${byte(12)}&0xf0)>>2)`;
  // A load beyond the packet would end the whole filter, so each part first makes sure that there is something to load.
  const onlyTimestamps = `${headerBytes}<=32`;
  const dssAt = (offset: number, plus = '') =>
    [
      `${byte(offset, plus)}=30`,
      `${byte(offset + 2, plus)}&0xf0=0x20`,
      `${byte(offset + 3, plus)}&0x10=0`,
      `${offset}${plus}+((${byte(offset + 1, plus)}+3)&0xfc)=${headerBytes}`,
    ].join(' and ');
  // No operation, no operation, then SACK with its length at 35.
  const sackBytes = `+${byte(35)}`;
  const sack = `${byte(32)}=1 and ${byte(34)}=5 and (34${sackBytes}=${headerBytes} or (34${sackBytes}<${headerBytes} and ${dssAt(34, sackBytes)}))`;
  return `${byte(13)}&0x07=0 and (${onlyTimestamps} or (${dssAt(32)}) or (${sack}))`;
}
