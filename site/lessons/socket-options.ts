import type { Action, Lesson } from '../../protocol/lesson/lesson.ts';
import { writeFile } from './write-file.ts';

/** Asks the kernel for each option, of a TCP socket and of a Multipath TCP socket. */
const OPTIONS = `
import errno
import socket

TCP = {
    "TCP_NODELAY": 1,
    "TCP_CORK": 1,
    "TCP_KEEPIDLE": 60,
    "TCP_NOTSENT_LOWAT": 16384,
    "TCP_CONGESTION": b"reno",
    "TCP_DEFER_ACCEPT": 1,
    "TCP_USER_TIMEOUT": 5000,
    "TCP_QUICKACK": 1,
    "TCP_SYNCNT": 3,
    "TCP_LINGER2": 5,
    "TCP_WINDOW_CLAMP": 65535,
}
IP = {"IP_TOS": 16, "IP_TTL": 33}


def answer(protocol, level, option, value):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol) as asked:
        try:
            asked.setsockopt(level, option, value)
            return "yes"
        except OSError as error:
            return errno.errorcode[error.errno]


print(f"{'option':20} {'TCP':12} Multipath TCP")
for level, options in ((socket.IPPROTO_TCP, TCP), (socket.IPPROTO_IP, IP)):
    for name, value in options.items():
        answers = [answer(protocol, level, getattr(socket, name), value)
                   for protocol in (socket.IPPROTO_TCP, socket.IPPROTO_MPTCP)]
        print(f"{name:20} {answers[0]:12} {answers[1]}")
`;

/** A copy of the client with one more line before it connects. */
const withLine = (line: string, file: string) =>
  `sed "s/^    connection.connect(/    ${line}\\n&/" bulk-python/client.py > ${file}`;

const TIMEOUT = 'connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 5000)';

const bound: Action = { on: 'client', type: 'python3 bound.py' };

export const lesson: Lesson = {
  id: 'socket-options',
  part: 'Programs',
  title: 'Socket options that differ',
  minutes: 8,
  goal: 'Find the options that a Multipath TCP socket refuses, and know which of a socket’s settings count for one subflow only.',
  terminals: ['client', 'server'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
    writeFile('client', 'options.py', OPTIONS),
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 1/' bulk-python/client.py" },
    { on: 'client', type: withLine(TIMEOUT, 'timeout.py') },
    { on: 'client', type: 'clear' },
  ],
  steps: [
    {
      id: 'refused',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }, { sight: 'over' }] },
      solution: [
        { on: 'client', type: "sed -i 's/^    connection.setsockopt/    with contextlib.suppress(OSError): &/' timeout.py" },
        { on: 'client', type: "sed -i '1i import contextlib' timeout.py" },
        { on: 'client', type: 'python3 timeout.py' },
      ],
      mistakes: [
        {
          title: 'The program ends with the refusal',
          actions: [{ on: 'client', type: 'python3 timeout.py' }],
          hint: 'opened no connection yet',
        },
        {
          title: 'A TCP socket, which takes the option',
          actions: [{ on: 'client', type: "sed 's/IPPROTO_MPTCP)/IPPROTO_TCP)/' timeout.py > tcp.py && python3 tcp.py" }],
          hint: 'its socket was a TCP socket',
        },
      ],
    },
    {
      id: 'bound',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'verdict', kind: 'multipath' },
          { sight: 'subflows', least: 1, link: 'cellular', role: 'initial' },
          { sight: 'over' },
        ],
      },
      solution: [{ on: 'client', type: withLine(`connection.bind(('10.0.2.2', 0))`, 'bound.py') }, bound],
      mistakes: [
        {
          title: 'The program is not bound',
          actions: [{ on: 'client', type: 'python3 bulk-python/client.py' }],
          hint: '2 subflows: over Wi-Fi, over cellular',
        },
      ],
    },
    {
      id: 'second',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'subflows', least: 1, link: 'cellular', role: 'initial' },
          { sight: 'subflows', least: 1, link: 'wifi', role: 'joined' },
        ],
      },
      solution: [{ on: 'client', type: 'ip mptcp endpoint add 10.0.1.2 dev wifi subflow' }, bound],
      mistakes: [{ title: 'There is no endpoint for Wi-Fi', actions: [bound], hint: 'one subflow: over cellular' }],
    },
  ],
};
