import type { Action, Lesson } from '../../protocol/lesson/lesson.ts';
import { writeFile } from './write-file.ts';

/** A subflow by hand: the SYN and the ACK of MP_JOIN (RFC 8684, section 3.2), from an address that no host has. */
const JOIN = `
import hashlib
import hmac
import os
import random
import socket
import struct
import sys

FROM, TO, PORT = "10.0.1.77", "10.0.9.1", 8262
SYN, ACK, RST = 2, 16, 4
source, target = socket.inet_aton(FROM), socket.inet_aton(TO)
port = random.randrange(20000, 60000)
mac = next(line.split()[3] for line in open("/proc/net/arp") if line.startswith(TO + " "))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
wire.bind(("lan", 0x0800))
wire.settimeout(3)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def send(flags, sequence, acknowledged, option):
    length = 20 + len(option)
    head = struct.pack(">HHIIBBHHH", port, PORT, sequence, acknowledged, length // 4 << 4, flags, 65535, 0, 0)
    whole = source + target + struct.pack(">BBH", 0, 6, length) + head + option
    tcp = head[:16] + struct.pack(">H", checksum(whole)) + head[18:] + option
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, 6, 0, source, target)
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    wire.sendto(ip + tcp, ("lan", 0x0800, 0, 0, bytes.fromhex(mac.replace(":", ""))))


def answer():
    while True:
        packet = wire.recv(2000)
        tcp = packet[20:]
        if packet[9] == 6 and struct.unpack(">HH", tcp[:4]) == (PORT, port):
            return tcp


def option_of(tcp):
    options = tcp[20 : (tcp[12] >> 4) * 4]
    start = options.find(b"\\x1e\\x10")
    return options[start + 4 : start + 12], options[start + 12 : start + 16]


token = bytes.fromhex(sys.argv[1])
keys = [bytes.fromhex(word.rjust(16, "0")) for word in sys.argv[2:4]] or [bytes(8), bytes(8)]
key_a, key_b = keys
nonce_a = os.urandom(4)
print("SYN with MP_JOIN: token", token.hex(), "nonce", nonce_a.hex())
send(SYN, 1000, 0, struct.pack(">BBBB", 30, 12, 0x10, 9) + token + nonce_a)

syn_ack = answer()
if syn_ack[13] & RST:
    sys.exit("RST: the server knows no connection with this token")
told, nonce_b = option_of(syn_ack)
own = hmac.new(key_b + key_a, nonce_b + nonce_a, hashlib.sha256).digest()[:8]
print("SYN+ACK:          HMAC ", told.hex(), "nonce", nonce_b.hex())
print("                  with these keys it should be", own.hex())

mine = hmac.new(key_a + key_b, nonce_a + nonce_b, hashlib.sha256).digest()[:20]
print("ACK with MP_JOIN: HMAC ", mine.hex())
send(ACK, 1001, struct.unpack(">I", syn_ack[4:8])[0] + 1, struct.pack(">BBBB", 30, 24, 0x10, 0) + mine)
if answer()[13] & RST:
    sys.exit("RST: the server does not believe it")
print("ACK: the subflow is there")
`;

/** The client's key and the server's, as the third packet has them. */
const READ_KEYS = "read -r A B < <(sed -n 's/.*{0x\\(.*\\),0x\\(.*\\)}.*/\\1 \\2/p' handshake.txt); echo $A $B";
const tokenOf = (key: 'A' | 'B'): Action => ({
  on: 'router',
  type: `token=$(python3 -c "import hashlib; print(hashlib.sha256(int('$${key}', 16).to_bytes(8)).hexdigest()[:8])"); echo $token`,
});

const connect: Action = {
  on: 'client',
  type: '(echo hello; sleep 3600) | mptcpize run curl -4svN telnet://server.lab:8262',
  until: 'Connected to',
};

export const lesson: Lesson = {
  id: 'tokens-and-keys',
  part: 'Security',
  title: 'Tokens, keys and HMAC',
  minutes: 10,
  goal: 'Compute the token of a connection and the proof of a subflow, and say what they protect from and what not.',
  terminals: ['router', 'client', 'server'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'client', type: 'ip mptcp endpoint flush' },
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
    writeFile('router', 'join.py', JOIN),
  ],
  steps: [
    {
      id: 'handshake',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }] },
      solution: [
        { on: 'router', type: "tcpdump -lni wifi -c 3 'ip and tcp port 8262' | tee handshake.txt", until: 'listening on wifi' },
        connect,
        { waitMs: 500 },
      ],
      mistakes: [
        {
          title: 'curl asks for TCP',
          actions: [
            {
              on: 'client',
              type: '(echo hello; sleep 3600) | curl -4sN telnet://server.lab:8262',
              until: '',
            },
            { waitMs: 1_000 },
            { on: 'client', interrupt: true },
          ],
          hint: 'its socket was a TCP socket',
        },
      ],
    },
    {
      id: 'token',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'counter', host: 'server', name: 'MPJoinAckHMacFailure', least: 1 },
          { sight: 'counter-at-most', host: 'client', name: 'MPJoinSynTx', most: 0 },
        ],
      },
      hints: [
        {
          when: { that: 'attempt', shows: [{ sight: 'counter', host: 'server', name: 'MPJoinNoTokenFound', least: 1 }] },
          say: 'The server knows no connection with that token (MPTcpExtMPJoinNoTokenFound). It wants the token of its own key, the second one in the third packet.',
        },
      ],
      solution: [{ on: 'router', type: READ_KEYS }, tokenOf('B'), { on: 'router', type: 'python3 join.py $token' }],
      mistakes: [
        {
          title: 'The token of the client’s key',
          actions: [{ on: 'router', type: READ_KEYS }, tokenOf('A'), { on: 'router', type: 'python3 join.py $token' }],
          hint: 'It wants the token of its own key',
        },
      ],
    },
    {
      id: 'hmac',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'counter', host: 'server', name: 'MPJoinAckRx', least: 1 },
          { sight: 'counter-at-most', host: 'client', name: 'MPJoinSynTx', most: 0 },
        ],
      },
      hints: [
        {
          when: { that: 'attempt', shows: [{ sight: 'counter', host: 'server', name: 'MPJoinAckHMacFailure', least: 2 }] },
          say: 'The server did not believe the HMAC. The first key is the client’s, the second one the server’s, as in the third packet.',
        },
      ],
      solution: [{ on: 'router', type: 'python3 join.py $token $A $B' }],
      mistakes: [
        {
          title: 'The keys are in the wrong order',
          actions: [{ on: 'router', type: 'python3 join.py $token $B $A' }],
          hint: 'The first key is the client’s',
        },
      ],
    },
  ],
};
