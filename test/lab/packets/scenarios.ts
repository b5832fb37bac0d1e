import type { HostName } from '../../../protocol/topology.ts';

/** A piece of traffic that a lab makes: what is set up first, and what the client then does. */
export type Scenario = {
  name: string;
  /** Subtypes of which at least one must be in the capture; a kernel that does not send it fails the test. */
  shows: string[];
  setUp: [HostName, string][];
  /** Rules of the router, in a chain of its forward hook (nft(8)). */
  rule?: string;
  /** How many checksums of captured data must be wrong. */
  wrongChecksums?: number;
  /** Python, after CLIENT. */
  client: string;
};

/** Obeys lines: `send N`, `close`, `reset`, and what the shell of the server host shall do. */
export const SERVER = `
import os, socket, struct, sys
family = socket.AF_INET6
listener = socket.socket(family, socket.SOCK_STREAM, int(sys.argv[1]))
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("::", 8262))
listener.listen()
while True:
  connection, _ = listener.accept()
  lines = connection.makefile("r")
  try:
    for line in lines:
      verb, _, rest = line.strip().partition(" ")
      if verb == "send":
        connection.sendall(b"x" * int(rest))
      elif verb == "close":
        break
      elif verb == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        break
      elif verb == "sh":
        os.system(rest)
        connection.sendall(b"done\\n")
  except OSError:
    pass
  lines.close()
  connection.close()
`;

/** \`until\` waits for a counter of this host to reach a value, and fails after five seconds. */
export const CLIENT = `
import os, socket, struct, sys, time
def connect(address, protocol=262):
  s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, protocol)
  s.connect((address, 8262))
  return s
def say(s, line, answer=5):
  s.sendall(line.encode() + b"\\n")
  got = 0
  while got < answer:
    got += len(s.recv(65536)) or sys.exit("the server closed after " + str(got) + " bytes")
def counter(name):
  lines = [line.split() for line in open("/proc/net/netstat") if line.startswith("MPTcpExt")]
  return int(dict(zip(*lines))[name])
def until(name, value=1):
  end = time.monotonic() + 5
  while counter(name) < value:
    if time.monotonic() > end: sys.exit(name + " is " + str(counter(name)) + ", expected " + str(value))
    time.sleep(0.005)
`;

const BOTH_HOSTS: HostName[] = ['client', 'server'];
const checksums = BOTH_HOSTS.map((host): [HostName, string] => [host, 'sysctl -q net.mptcp.checksum_enabled=1']);
const HELLO = ['MP_CAPABLE', 'MP_JOIN', 'DSS'];

export const SCENARIOS: Scenario[] = [
  {
    name: 'hello-ipv4',
    shows: HELLO,
    setUp: [],
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
until("MPJoinSynAckRx")
say(s, "send 3000", 3000)
s.close()`,
  },
  {
    name: 'hello-ipv6',
    shows: HELLO,
    setUp: [],
    client: `
s = connect("fd00:9::1")
say(s, "sh true")
until("MPJoinSynAckRx")
say(s, "send 3000", 3000)
s.close()`,
  },
  {
    name: 'checksums',
    shows: HELLO,
    setUp: checksums,
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
until("MPJoinSynAckRx")
say(s, "send 3000", 3000)
s.close()`,
  },
  {
    name: 'addresses',
    shows: ['ADD_ADDR', 'REMOVE_ADDR'],
    setUp: [
      ['client', 'ip mptcp limits set subflows 0 add_addr_accepted 0'],
      ['server', 'ip mptcp endpoint add 10.0.9.2 dev lan id 1 signal'],
      ['server', 'ip mptcp endpoint add fd00:9::2 dev lan id 2 signal'],
      ['server', 'ip mptcp endpoint add 10.0.9.2 dev lan id 3 signal port 5005'],
    ],
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
until("AddAddr", 3)
say(s, "sh ip mptcp endpoint delete id 3")
until("RmAddr", 1)
say(s, "sh ip mptcp endpoint flush")
until("RmAddr", 3)
s.close()`,
  },
  {
    // With timestamps, an IPv6 address and a port do not fit among the 40 bytes of options.
    name: 'no-timestamps',
    shows: ['ADD_ADDR', 'MP_JOIN'],
    setUp: [
      ['server', 'sysctl -q net.ipv4.tcp_timestamps=0'],
      ['server', 'ip mptcp endpoint add fd00:9::2 dev lan id 4 signal port 5006'],
    ],
    client: `
s = connect("fd00:9::1")
say(s, "sh true")
until("PortAdd")
until("MPJoinSynAckRx", 2)
s.close()`,
  },
  {
    name: 'join-to-port',
    shows: ['ADD_ADDR', 'MP_JOIN'],
    setUp: [
      ['server', 'sysctl -q net.mptcp.allow_join_initial_addr_port=0'],
      ['server', 'ip mptcp endpoint add 10.0.9.2 dev lan signal port 5005'],
    ],
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
until("MPJoinSynAckRx")
s.close()`,
  },
  {
    name: 'backup',
    shows: ['MP_PRIO', 'MP_JOIN'],
    setUp: [
      ['client', 'ip mptcp endpoint flush'],
      ['client', 'ip mptcp endpoint add 10.0.2.2 dev cellular id 7 subflow backup'],
    ],
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
until("MPJoinSynAckRx")
os.system("ip mptcp endpoint change id 7 nobackup")
until("MPPrioTx")
os.system("ip mptcp endpoint change id 7 backup")
until("MPPrioTx", 2)
say(s, "sh true")
s.close()`,
  },
  {
    name: 'fastclose',
    shows: ['MP_FASTCLOSE'],
    setUp: [],
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
until("MPJoinSynAckRx")
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
s.close()
until("MPFastcloseTx")
s = connect("10.0.9.1")
say(s, "sh true")
s.sendall(b"reset\\n")
until("MPFastcloseRx")`,
  },
  {
    name: 'join-refused',
    shows: ['MP_TCPRST'],
    setUp: [['server', 'ip mptcp limits set subflows 0 add_addr_accepted 0']],
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
until("MPRstTx")
s.close()`,
  },
  {
    name: 'corrupted',
    shows: ['MP_FAIL'],
    setUp: [...checksums, ['client', 'ip mptcp endpoint flush']],
    wrongChecksums: 1,
    rule: 'tcp sport 8262 ip length > 110 @ih,0,32 set 0x59595959',
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
s.sendall(b"send 40\\n")
until("MPFailTx")
s.close()`,
  },
  {
    name: 'corrupted-subflow',
    shows: ['MP_FAIL'],
    setUp: checksums,
    rule: 'iifname lan oifname cellular tcp sport 8262 ip length > 500 @ih,0,32 set 0x59595959',
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
until("MPJoinSynAckRx")
say(s, "send 600000", 600000)
until("MPFailTx")
s.close()`,
  },
  {
    name: 'options-stripped',
    shows: ['MP_CAPABLE'],
    setUp: [],
    rule: 'tcp flags & (syn|ack) == (syn|ack) reset tcp option mptcp',
    client: `
s = connect("10.0.9.1")
say(s, "sh true")
s.close()
s = connect("10.0.9.1", 6)
say(s, "sh true")
s.close()`,
  },
];
