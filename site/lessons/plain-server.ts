import type { Lesson } from '../../protocol/lesson/lesson.ts';

export const lesson: Lesson = {
  id: 'plain-server',
  part: 'Fallback',
  title: 'The peer speaks only TCP',
  minutes: 5,
  goal: 'Recognise a server that speaks only TCP, and know that nothing is lost by asking it.',
  terminals: ['client', 'server'],
  snippets: ['python'],
  steps: [
    {
      id: 'plain-server',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'fallback', reason: 'server-is-plain-tcp' }] },
      solution: [
        { on: 'server', type: "sed -i 's/IPPROTO_MPTCP)/IPPROTO_TCP)/' python/server.py" },
        { on: 'server', type: 'python3 python/server.py', until: 'listening' },
        { on: 'client', type: 'python3 python/client.py' },
      ],
      mistakes: [
        {
          title: 'The server is as it was',
          actions: [
            { on: 'server', type: 'python3 python/server.py', until: 'listening' },
            { on: 'client', type: 'python3 python/client.py' },
            { on: 'server', interrupt: true },
          ],
          hint: 'Multipath TCP. Connection 0x',
        },
      ],
    },
    {
      id: 'mended',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }] },
      solution: [
        { on: 'server', interrupt: true },
        { on: 'server', type: 'mptcpize run python3 python/server.py', until: 'listening' },
        { on: 'client', type: 'python3 python/client.py' },
      ],
      mistakes: [
        {
          title: 'The server was not started anew',
          actions: [{ on: 'client', type: 'python3 python/client.py' }],
          hint: 'answered as a plain TCP socket does',
        },
      ],
    },
  ],
};
