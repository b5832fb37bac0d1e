import type { Lesson } from '../../protocol/lesson/lesson.ts';

const serve = { on: 'server', type: 'python3 python/server.py', until: 'istening' } as const;

export const lesson: Lesson = {
  id: 'first-connection',
  part: 'Start',
  title: 'Your first connection',
  minutes: 6,
  goal: 'Open a Multipath TCP connection, and know it from a TCP connection.',
  terminals: ['client', 'server'],
  snippets: ['python'],
  steps: [
    {
      id: 'connect',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }, { sight: 'over' }] },
      solution: [serve, { on: 'client', type: 'python3 python/client.py' }],
      mistakes: [
        {
          title: 'The server is not started',
          actions: [{ on: 'client', type: 'python3 python/client.py' }],
          hint: 'no socket listened on that port',
        },
      ],
    },
    {
      id: 'plain',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'plain-tcp', reason: 'plain-socket' }] },
      solution: [
        {
          on: 'client',
          type: "sed -i 's/IPPROTO_MPTCP)/IPPROTO_TCP)/' python/client.py && python3 python/client.py",
        },
      ],
      mistakes: [
        {
          title: 'The client is as it was',
          actions: [{ on: 'client', type: 'python3 python/client.py' }],
          hint: 'Multipath TCP. Connection 0x',
        },
      ],
    },
  ],
};
