import type { Lesson } from '../../protocol/lesson/lesson.ts';

const connect = { on: 'client', type: 'python3 python/client.py' } as const;

export const lesson: Lesson = {
  id: 'switched-off',
  part: 'Fallback',
  title: 'Switched off here',
  minutes: 6,
  goal: 'Tell a host on which Multipath TCP is switched off from one that lacks it, and switch it on.',
  terminals: ['client', 'server'],
  snippets: ['python'],
  setup: [{ on: 'server', type: 'python3 python/server.py', until: 'listening' }],
  steps: [
    {
      id: 'off',
      check: { that: 'mptcp-enabled', host: 'client', is: false },
      solution: [{ on: 'client', type: 'sysctl -w net.mptcp.enabled=0' }],
      mistakes: [
        {
          title: 'It is read, and not written',
          actions: [{ on: 'client', type: 'sysctl net.mptcp.enabled' }],
          hint: 'net.mptcp.enabled is 1',
        },
      ],
    },
    {
      id: 'refused',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'plain-tcp', reason: 'switched-off' }] },
      solution: [connect],
      mistakes: [],
    },
    {
      id: 'on',
      check: {
        that: 'all',
        of: [
          { that: 'mptcp-enabled', host: 'client', is: true },
          { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }] },
        ],
      },
      solution: [{ on: 'client', type: 'sysctl -w net.mptcp.enabled=1' }, connect],
      mistakes: [{ title: 'It is still off', actions: [connect], hint: 'net.mptcp.enabled is 0' }],
    },
  ],
};
