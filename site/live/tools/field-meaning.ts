/** What a field of a tool's output tells. `unit` is that of its value as it is printed. */
export type FieldMeaning = { unit?: string; says: string };

/** Of a Multipath TCP socket in `ss -Mni`: struct mptcp_info in linux/mptcp.h, by the names of iproute2 (misc/ss.c). */
const CONNECTION: Record<string, FieldMeaning> = {
  subflows: { says: 'further subflows that are open or being opened, the first one not counted' },
  subflows_max: { says: 'further subflows that the limits of this host allow' },
  subflows_total: { says: 'all subflows that are open or being opened' },
  add_addr_signal: { says: 'addresses that this host has announced to the other' },
  add_addr_signal_max: { says: 'addresses that this host may announce: its endpoints with the flag signal' },
  add_addr_accepted: { says: 'addresses of the other host that were taken up' },
  add_addr_accepted_max: { says: 'addresses of the other host that the limits of this host allow to take up' },
  local_addr_used: { says: 'own endpoints that subflows use' },
  local_addr_max: { says: 'own endpoints that further subflows may use' },
  fallback: { says: 'the connection goes on as plain TCP; its state says nothing about it' },
  remote_key: { says: 'the other host’s key is known: Multipath TCP was agreed on' },
  token: { says: 'the number of the connection on this host, in hexadecimal: a hash of its key (RFC 8684, section 3.1)' },
  write_seq: { says: 'sequence number, in the whole connection, of the next byte that the program will write' },
  snd_una: { says: 'sequence number of the first byte that the other host has not acknowledged' },
  rcv_nxt: { says: 'sequence number of the next byte that is expected from the other host' },
  csum_enabled: { says: 'data carries a checksum' },
  retransmits: { says: 'how often in a row the connection’s timer ran out' },
  bytes_retrans: { unit: 'bytes', says: 'sent once more, over another subflow if need be' },
  bytes_sent: { unit: 'bytes', says: 'sent in all, over all subflows; those sent again count once' },
  bytes_received: { unit: 'bytes', says: 'received in all, over all subflows' },
  bytes_acked: { unit: 'bytes', says: 'of those sent, acknowledged by the other host' },
  last_data_sent: { unit: 'ms', says: 'since data was sent last' },
  last_data_recv: { unit: 'ms', says: 'since data was received last' },
  last_ack_recv: { unit: 'ms', says: 'since an acknowledgement was received last' },
};

/** Of a TCP socket in `ss -tni`: struct tcp_info in linux/tcp.h, and what Multipath TCP adds (MPTCP_SUBFLOW_ATTR_ in linux/mptcp_pm.h). */
const SUBFLOW: Record<string, FieldMeaning> = {
  ts: { says: 'packets carry timestamps' },
  sack: { says: 'gaps in what was received are told (selective acknowledgements)' },
  ecn: { says: 'routers may mark packets instead of dropping them' },
  ecnseen: { says: 'such marks were seen' },
  fastopen: { says: 'data went in the SYN packet' },
  wscale: { says: 'powers of two by which the windows of the other host and of this one are multiplied' },
  rto: { unit: 'ms', says: 'without an acknowledgement for so long, data is sent again' },
  backoff: { says: 'how often that time was doubled' },
  rtt: { unit: 'ms', says: 'round trip: mean, and how much it varies' },
  ato: { unit: 'ms', says: 'an acknowledgement may wait so long for data to travel with' },
  mss: { unit: 'bytes', says: 'most data in a packet that is sent' },
  pmtu: { unit: 'bytes', says: 'largest packet that fits the way' },
  rcvmss: { unit: 'bytes', says: 'most data in a packet that is expected' },
  advmss: { unit: 'bytes', says: 'most data in a packet that this host has asked for' },
  cwnd: { unit: 'packets', says: 'may be on their way at once: the congestion window' },
  ssthresh: { unit: 'packets', says: 'up to this window it grows fast, from there on slowly' },
  bytes_sent: { unit: 'bytes', says: 'sent, those sent again included' },
  bytes_retrans: { unit: 'bytes', says: 'sent again' },
  bytes_acked: { unit: 'bytes', says: 'acknowledged by the other host' },
  bytes_received: { unit: 'bytes', says: 'received' },
  segs_out: { unit: 'packets', says: 'sent' },
  segs_in: { unit: 'packets', says: 'received' },
  data_segs_out: { unit: 'packets', says: 'with data sent' },
  data_segs_in: { unit: 'packets', says: 'with data received' },
  send: { says: 'rate that window and round trip would allow' },
  lastsnd: { unit: 'ms', says: 'since data was sent last' },
  lastrcv: { unit: 'ms', says: 'since data was received last' },
  lastack: { unit: 'ms', says: 'since an acknowledgement was received last' },
  pacing_rate: { says: 'packets leave at this rate, not all at once' },
  max_pacing_rate: { says: 'most that the program has allowed' },
  delivery_rate: { says: 'rate at which data arrived lately' },
  delivered: { unit: 'packets', says: 'known to have arrived' },
  delivered_ce: { unit: 'packets', says: 'that arrived with a mark of congestion' },
  app_limited: { says: 'the program had no more to send' },
  busy: { says: 'time in which there was something to send' },
  rwnd_limited: { says: 'of that, time in which the other host had no room' },
  sndbuf_limited: { says: 'of that, time in which the buffer of this host was full' },
  unacked: { unit: 'packets', says: 'on their way' },
  retrans: { unit: 'packets', says: 'sent again: on their way now, and in all' },
  lost: { unit: 'packets', says: 'held to be lost' },
  sacked: { unit: 'packets', says: 'that arrived although earlier ones did not' },
  dsack_dups: { unit: 'packets', says: 'that arrived twice' },
  reordering: { unit: 'packets', says: 'may overtake each other without being held to be lost' },
  reord_seen: { says: 'how often packets overtook each other' },
  rcv_rtt: { unit: 'ms', says: 'round trip as the receiver estimates it' },
  rcv_space: { unit: 'bytes', says: 'that the program reads in a round trip; the buffer is made to fit' },
  rcv_ssthresh: { unit: 'bytes', says: 'most room that is told to the other host at present' },
  notsent: { unit: 'bytes', says: 'written by the program, and not sent yet' },
  minrtt: { unit: 'ms', says: 'shortest round trip' },
  rcv_ooopack: { unit: 'packets', says: 'received before earlier ones' },
  snd_wnd: { unit: 'bytes', says: 'room that the other host has told' },
  rcv_wnd: { unit: 'bytes', says: 'room that this host has told' },
  rehash: { says: 'how often another way through the network was tried' },
  'tcp-ulp-mptcp': { says: 'the socket is a subflow of a Multipath TCP connection; what follows is about that' },
  flags: { says: '' },
  token: { says: 'tokens of the connection, the other host’s and this one’s, each with the number of the address in it' },
  seq: { says: 'where in the connection the last mapping begins that was received' },
  sfseq: { says: 'where in the subflow that mapping begins' },
  ssnoff: { says: 'TCP sequence number with which the other host began the subflow: places of its data are counted from there' },
  maplen: { unit: 'bytes', says: 'of data that the mapping covers' },
};

const CONGESTION_CONTROLS = ['bbr', 'cubic', 'reno', 'dctcp', 'vegas', 'westwood', 'htcp', 'bic', 'illinois'];

/** Letters of `flags` in the order of iproute2 (misc/ss.c, tcp_ulp_print). */
const SUBFLOW_FLAGS: Record<string, string> = {
  M: 'the first subflow, MP_CAPABLE came from the other host',
  m: 'this host asked for it, with MP_CAPABLE',
  J: 'a further subflow, MP_JOIN came from the other host',
  j: 'this host asked to join, with MP_JOIN',
  B: 'a backup, as the other host wants it',
  b: 'a backup, as this host wants it',
  e: 'established',
  c: 'connected',
  v: 'the place of the data that comes is known',
};

/** Names of what `ip mptcp monitor` tells (linux/mptcp_pm.h). */
const EVENTS: Record<string, string> = {
  CREATED: 'a connection begins on its first subflow',
  ESTABLISHED: 'both hosts are sure of it: further subflows may be made',
  CLOSED: 'the connection has ended, with all its subflows',
  ANNOUNCED: 'the other host announced an address',
  REMOVED: 'the other host took an address back',
  SF_ESTABLISHED: 'a further subflow was joined',
  SF_CLOSED: 'a subflow has ended',
  SF_PRIO: 'a subflow became a backup, or is none any more',
  LISTENER_CREATED: 'a socket listens',
  LISTENER_CLOSED: 'a socket listens no more',
};

const EVENT: Record<string, FieldMeaning> = {
  token: { says: 'the number of the connection on this host, in hexadecimal' },
  remid: { says: 'number of the other host’s address' },
  locid: { says: 'number of this host’s address' },
  saddr4: { says: 'address of this host' },
  saddr6: { says: 'address of this host' },
  daddr4: { says: 'address of the other host' },
  daddr6: { says: 'address of the other host' },
  sport: { says: 'port of this host' },
  dport: { says: 'port of the other host' },
  backup: { says: '1 for a backup' },
  error: { says: 'why it ended: an error of errno(3), such as 104 for a reset' },
  ifindex: { says: 'number of the interface, as ip link tells it' },
  reset_reason: { says: 'why it was reset: the reason in MP_TCPRST (RFC 8684, section 3.6)' },
  reset_flags: { says: 'whether that may pass: the flags of MP_TCPRST' },
  flags: { says: 'of the connection on this host (linux/mptcp_pm.h)' },
  server_side: { says: 'this host was connected to' },
  deny_join_id0: { says: 'the other host takes no further subflows at its first address and port' },
};

/** Words of `ip mptcp endpoint show` (ip-mptcp(8)). */
const ENDPOINT_FLAGS: Record<string, string> = {
  subflow: 'further subflows leave from it',
  signal: 'it is announced to the other host',
  backup: 'its subflows carry data only when no other can',
  fullmesh: 'a subflow from it to each address of the other host',
  implicit: 'the kernel added it by itself',
  laminar: 'a subflow from it to an announced address',
};

/** `ip mptcp limits show`. */
const LIMITS: Record<string, FieldMeaning> = {
  add_addr_accepted: { says: 'announced addresses of the other host that a connection takes up' },
  subflows: { says: 'further subflows that a connection may have' },
};

export type FieldKind = 'connection' | 'subflow' | 'event' | 'limit';

/** The columns of ss(8). */
const COLUMNS: Record<string, FieldMeaning> = {
  State: { says: 'of the socket: ESTAB is an established one' },
  'Recv-Q': { unit: 'bytes', says: 'received, and not read by the program yet' },
  'Send-Q': { unit: 'bytes', says: 'written by the program, and not acknowledged by the other host yet' },
};

const TABLES: Record<FieldKind, Record<string, FieldMeaning>> = {
  connection: { ...COLUMNS, ...CONNECTION },
  subflow: { ...COLUMNS, ...SUBFLOW },
  event: EVENT,
  limit: LIMITS,
};

/** One of a newer kernel or tool than this table is named as such. */
export function fieldMeaning(kind: FieldKind, name: string, value: string): FieldMeaning {
  if (kind === 'subflow' && name === 'flags') return { says: flagsInWords(value) };
  if (kind === 'subflow' && CONGESTION_CONTROLS.includes(name)) return congestionControl(value);
  return TABLES[kind][name] ?? { says: NOT_KNOWN };
}

export function eventMeaning(name: string): string {
  return EVENTS[name] ?? NOT_KNOWN;
}

export function endpointFlagMeaning(flag: string): string {
  return ENDPOINT_FLAGS[flag] ?? NOT_KNOWN;
}

export const NOT_KNOWN = 'not explained here: the manual page of the tool may tell';

function congestionControl(value: string): FieldMeaning {
  return {
    says: value === '' ? 'the congestion control: who decides how much is sent' : 'what the congestion control has measured',
  };
}

function flagsInWords(value: string): string {
  return [...value].map((letter) => `${letter}: ${SUBFLOW_FLAGS[letter] ?? NOT_KNOWN}`).join('; ');
}
