/**
 * What the kernel's counters stand for, for a newcomer, in the order in which a connection moves them. Names and meanings follow net/mptcp/mib.h of Linux and RFC 8684;
 * those of TCP follow RFC 4022 and net/ipv4/proc.c.
 */
const MEANINGS: Record<string, string> = {
  MPCapableSYNTX: 'SYN with MP_CAPABLE sent: a client asked for Multipath TCP',
  MPCapableSYNRX: 'SYN with MP_CAPABLE received: the server was asked',
  MPCapableSYNACKRX: 'SYN+ACK with MP_CAPABLE received: the server agreed',
  MPCapableACKRX: 'third packet with MP_CAPABLE received: the handshake is complete',
  MPCapableFallbackSYNACK: 'SYN+ACK came without MP_CAPABLE: the client fell back to TCP',
  MPCapableFallbackACK: 'third packet came without MP_CAPABLE: the server fell back to TCP',
  MPCapableDataFallback: 'the first data came without Multipath TCP options: fallback',
  MPCapableSYNTXDrop: 'SYN with MP_CAPABLE got no answer, the next one went without',
  MPCapableSYNTXDisabled: 'Multipath TCP not tried, since such SYNs were lost before',
  Blackhole: 'such SYNs are lost on this network: Multipath TCP is off for a while',
  MPJoinSynTx: 'SYN with MP_JOIN sent: a further subflow was asked for',
  MPJoinSynRx: 'SYN with MP_JOIN received',
  MPJoinSynAckRx: 'SYN+ACK with MP_JOIN received: the further subflow was agreed to',
  MPJoinAckRx: 'third packet with MP_JOIN received: the further subflow is complete',
  MPJoinNoTokenFound: 'MP_JOIN for a connection that is not there (any more)',
  MPJoinSynAckHMacFailure: 'MP_JOIN with a wrong signature in the SYN+ACK',
  MPJoinAckHMacFailure: 'MP_JOIN with a wrong signature in the third packet',
  MPJoinRejected: 'MP_JOIN refused by the path manager',
  AddAddr: 'ADD_ADDR received: the other host named a further address',
  AddAddrTx: 'ADD_ADDR sent: this host named a further address',
  EchoAdd: 'ADD_ADDR confirmed by the other host',
  RmAddr: 'REMOVE_ADDR received: an address of the other host is gone',
  RmAddrTx: 'REMOVE_ADDR sent: an address of this host is gone',
  MPPrioTx: 'MP_PRIO sent: a subflow became backup, or is none any more',
  MPPrioRx: 'MP_PRIO received',
  MPFailTx: 'MP_FAIL sent: a checksum was wrong',
  MPFailRx: 'MP_FAIL received',
  MPFastcloseTx: 'MP_FASTCLOSE sent: the connection was cut off',
  MPFastcloseRx: 'MP_FASTCLOSE received',
  MPRstTx: 'a subflow was reset with MP_TCPRST',
  MPRstRx: 'MP_TCPRST received',
  DssFallback: 'data came without its place in the connection: fallback',
  DSSNotMatching: 'data whose place in the connection did not fit',
  DataCsumErr: 'a checksum of the data was wrong',
  MPTCPRetrans: 'data sent once more, over another subflow if need be',
  DuplicateData: 'data that had come before, over another subflow',
  OFOQueue: 'data that overtook other data, kept until its turn',
  OFOQueueTail: 'data that overtook other data, kept at the end of the queue',
  OFOMerge: 'pieces of overtaking data put together',
  SndWndShared: 'one subflow told of the room at the receiver, another used it',
  RcvWndShared: 'the room at the receiver shared by the subflows',
  SubflowStale: 'a subflow went silent and is spared',
  SubflowRecover: 'a silent subflow came back',
  MPCurrEstab: 'connections that are open now',
  ActiveOpens: 'TCP connections and subflows opened by this host',
  PassiveOpens: 'TCP connections and subflows accepted by this host',
  AttemptFails: 'attempts to connect that failed',
  EstabResets: 'open TCP connections that were reset',
  CurrEstab: 'TCP connections that are open now',
  InSegs: 'TCP segments received',
  OutSegs: 'TCP segments sent',
  RetransSegs: 'TCP segments sent once more',
  OutRsts: 'TCP resets sent',
};

/** One line in plain words, or an empty string for a counter that needs the kernel's source to be understood. */
export function counterMeaning(name: string): string {
  return MEANINGS[name] ?? '';
}

/** Sorts counters in the order in which a connection moves them; those without a meaning come last, by name. */
export function compareCounters(one: string, other: string): number {
  return place(one) - place(other) || one.localeCompare(other, 'en');
}

const ORDER = Object.keys(MEANINGS);
const place = (name: string) => (name in MEANINGS ? ORDER.indexOf(name) : ORDER.length);
