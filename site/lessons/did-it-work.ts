import type { Lesson } from '../../protocol/lesson/lesson.ts';
import { writeAsk } from './ask.ts';

const ask = { on: 'client', type: 'python3 ask.py' } as const;
const serve = { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' } as const;

export const lesson: Lesson = {
  id: 'did-it-work',
  part: 'Start',
  title: 'Did it work?',
  minutes: 9,
  goal: 'Find out whether a connection is Multipath TCP: from outside with ss and nstat, from inside with getsockopt, at the right moment.',
  terminals: ['client', 'client 2', 'server'],
  snippets: ['bulk-python'],
  setup: [writeAsk, serve],
  steps: [
    {
      id: 'outside',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'verdict', kind: 'multipath' },
          { sight: 'carried', link: 'wifi', leastBytes: 1_000_000 },
          { sight: 'over' },
        ],
      },
      solution: [
        { on: 'client', type: 'python3 bulk-python/client.py', until: '' },
        { waitMs: 1_500 },
        { on: 'client 2', type: 'ss -Mni' },
        { on: 'client', type: 'nstat -az MPTcpExtMPCapableSYNTX MPTcpExtMPCapableSYNACKRX' },
      ],
      mistakes: [
        {
          title: 'The client asks for TCP',
          actions: [
            {
              on: 'client',
              type: "sed 's/IPPROTO_MPTCP)/IPPROTO_TCP)/; s/SECONDS = 5/SECONDS = 1/' bulk-python/client.py | python3",
            },
          ],
          hint: 'Plain TCP. ',
        },
      ],
    },
    {
      id: 'inside',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }, { sight: 'over' }] },
      solution: [ask],
      mistakes: [
        {
          title: 'The server has been ended',
          actions: [{ on: 'server', interrupt: true }, ask, serve],
          hint: 'no socket listened on that port',
        },
      ],
    },
    {
      id: 'too-early',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'fallback', reason: 'server-is-plain-tcp' }] },
      solution: [
        { on: 'server', interrupt: true },
        { on: 'server', type: "sed -i 's/IPPROTO_MPTCP)/IPPROTO_TCP)/' bulk-python/server.py" },
        serve,
        ask,
      ],
      mistakes: [{ title: 'The server is as it was', actions: [ask], hint: 'Multipath TCP. Connection 0x' }],
    },
  ],
};
