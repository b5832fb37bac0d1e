/**
 * What the kernel's counters stand for, for a newcomer, in the order in which a connection moves them. Names and meanings follow
 * net/mptcp/mib.h of Linux, all of them, and RFC 8684; those of TCP that can move follow RFC 4022 and net/ipv4/proc.c.
 */
const MEANINGS: Record<string, string> = {
  MPCapableSYNTX: 'SYN with MP_CAPABLE sent: a client asked for Multipath TCP',
  MPCapableSYNRX: 'SYN with MP_CAPABLE received: the server was asked',
  MPCapableSYNACKRX: 'SYN+ACK with MP_CAPABLE received: the server agreed',
  MPCapableACKRX: 'third packet with MP_CAPABLE received: the handshake is complete',
  MPCapableFallbackSYNACK: 'SYN+ACK came without MP_CAPABLE: the client fell back to TCP',
  MPCapableFallbackACK: 'third packet came without MP_CAPABLE: the server fell back to TCP',
  MPCapableDataFallback: 'the first packet after the handshake came without Multipath TCP options: fallback',
  MPCapableSYNTXDrop: 'SYN with MP_CAPABLE got no answer, the next one went without',
  MPCapableSYNTXDisabled: 'Multipath TCP not tried, since such SYNs were lost before',
  Blackhole: 'such SYNs are lost on this network: Multipath TCP is off for a while',
  MPCapableEndpAttempt: 'MP_CAPABLE at a port that takes further subflows only: refused',
  MPFallbackTokenInit: 'no token could be made for the connection: fallback',
  SimultConnectFallback: 'both hosts connected to each other at once: fallback',
  MD5SigFallback: 'TCP MD5 signatures leave no room for Multipath TCP options: fallback',
  MPJoinSynTx: 'SYN with MP_JOIN sent: a further subflow was asked for',
  MPJoinSynTxCreatSkErr: 'no socket could be made for a further subflow',
  MPJoinSynTxBindErr: 'a further subflow could not take its local address',
  MPJoinSynTxConnectErr: 'a further subflow could not be begun, e.g. for want of a route',
  MPJoinSynRx: 'SYN with MP_JOIN received',
  MPJoinSynBackupRx: 'SYN with MP_JOIN received that asks to be a backup',
  MPJoinSynAckRx: 'SYN+ACK with MP_JOIN received: the further subflow was agreed to',
  MPJoinSynAckBackupRx: 'SYN+ACK with MP_JOIN received that asks to be a backup',
  MPJoinAckRx: 'third packet with MP_JOIN received: the further subflow is complete',
  MPJoinPortSynRx: 'SYN with MP_JOIN received at an announced port',
  MPJoinPortSynAckRx: 'SYN+ACK with MP_JOIN received from an announced port',
  MPJoinPortAckRx: 'third packet with MP_JOIN received at an announced port',
  MPJoinNoTokenFound: 'MP_JOIN for a connection that is not there (any more)',
  MPJoinSynAckHMacFailure: 'MP_JOIN with a wrong signature in the SYN+ACK',
  MPJoinAckHMacFailure: 'MP_JOIN with a wrong signature in the third packet',
  MPJoinRejected: 'MP_JOIN refused by the path manager',
  MismatchPortSynRx: 'SYN with MP_JOIN at a port that was not announced',
  MismatchPortAckRx: 'third packet with MP_JOIN at a port that was not announced',
  AddAddr: 'ADD_ADDR received: the other host named a further address',
  AddAddrTx: 'ADD_ADDR sent: this host named a further address',
  AddAddrTxDrop: 'ADD_ADDR not sent: another was still waiting, or there was no room in a packet',
  AddAddrDrop: 'ADD_ADDR received and not taken up',
  PortAdd: 'ADD_ADDR received that names a port too',
  EchoAdd: 'ADD_ADDR confirmed by the other host',
  EchoAddTx: 'ADD_ADDR of the other host confirmed',
  EchoAddTxDrop: 'ADD_ADDR of the other host not confirmed: another was still waiting, or there was no room in a packet',
  RmAddr: 'REMOVE_ADDR received: an address of the other host is gone',
  RmAddrDrop: 'REMOVE_ADDR received and not taken up',
  RmAddrTx: 'REMOVE_ADDR sent: an address of this host is gone',
  RmAddrTxDrop: 'REMOVE_ADDR not sent: another announcement was still waiting',
  RmSubflow: 'subflows ended because this host’s path manager removed their address, or them',
  MPPrioTx: 'MP_PRIO sent: a subflow became backup, or is none any more',
  MPPrioRx: 'MP_PRIO received',
  MPFailTx: 'MP_FAIL sent: a checksum was wrong',
  MPFailRx: 'MP_FAIL received',
  MPFastcloseTx: 'MP_FASTCLOSE sent: the connection was cut off',
  MPFastcloseRx: 'MP_FASTCLOSE received',
  MPRstTx: 'a subflow was reset with MP_TCPRST',
  MPRstRx: 'MP_TCPRST received',
  DssFallback: 'data came without its place in the connection: fallback',
  DSSNotMatching: 'data with a new place in the connection, before the last one was used up',
  DSSNoMatchTCP: 'data whose place in the connection did not fit its TCP sequence numbers',
  DSSCorruptionFallback: 'damaged places of data in the connection: fallback',
  DSSCorruptionReset: 'damaged places of data on a further subflow: it was reset',
  InfiniteMapTx: 'infinite mapping sent: from here on the data is plain TCP',
  InfiniteMapRx: 'infinite mapping received: from here on the data is plain TCP',
  FallbackFailed: 'no fallback was possible any more, e.g. with two subflows',
  DataCsumErr: 'a checksum of the data was wrong',
  MPTCPRetrans: 'data sent once more, over another subflow if need be',
  DuplicateData: 'data that had come before, over whichever subflow: thrown away',
  NoDSSInWindow: 'data outside of what the receiver had room for',
  OFOQueue: 'data that overtook other data, kept until its turn',
  OFOQueueTail: 'data that overtook other data, kept at the end of the queue',
  OFOMerge: 'pieces of overtaking data put together',
  SndWndShared: 'one subflow told of the room at the receiver, another used it',
  RcvWndShared: 'the room at the receiver shared by the subflows',
  RcvWndConflict: 'two subflows told of the room at the receiver at once',
  RcvWndConflictUpdate: 'a subflow took over the room at the receiver that another one told',
  WinProbe: 'the receiver had no room: asked whether it has some again',
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
  InErrs: 'damaged TCP segments received',
  InCsumErrors: 'TCP segments received with a wrong checksum',
  OutRsts: 'TCP resets sent',
};

/** One line in plain words. A counter of a kernel that is newer than this table is named as such. */
export function counterMeaning(name: string): string {
  return MEANINGS[name] ?? NOT_KNOWN;
}

const NOT_KNOWN = 'not explained here: this kernel’s net/mptcp/mib.h tells';

/** Sorts counters in the order in which a connection moves them; those without a meaning come last, by name. */
export function compareCounters(one: string, other: string): number {
  return place(one) - place(other) || one.localeCompare(other, 'en');
}

const ORDER = Object.keys(MEANINGS);
const place = (name: string) => (name in MEANINGS ? ORDER.indexOf(name) : ORDER.length);
