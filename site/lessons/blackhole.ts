import type { Lesson } from '../../protocol/lesson/lesson.ts';

const connect = { on: 'client', type: 'time python3 python/client.py' } as const;

export const lesson: Lesson = {
  id: 'blackhole',
  part: 'Fallback',
  title: 'A blackhole, and the kernel’s memory of it',
  minutes: 7,
  goal: 'Recognise a network that swallows packets with MP_CAPABLE, and make the kernel forget it.',
  terminals: ['client', 'server'],
  snippets: ['python'],
  setup: [{ on: 'server', type: 'python3 python/server.py', until: 'listening' }],
  steps: [
    {
      id: 'blackhole',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'fallback', reason: 'blackhole' }, { sight: 'over' }] },
      solution: [{ change: { kind: 'syn-dropped', dropped: true } }, connect],
      mistakes: [
        {
          title: 'The option is removed, and the packet passes',
          actions: [
            { change: { kind: 'options-stripped', from: 'syn' } },
            connect,
            { change: { kind: 'options-stripped', from: null } },
          ],
          hint: 'the request never reached the server',
        },
      ],
    },
    {
      id: 'remembered',
      check: {
        that: 'attempt',
        shows: [{ sight: 'verdict', kind: 'fallback', reason: 'blackhole-remembered' }, { sight: 'over' }],
      },
      solution: [connect],
      mistakes: [
        {
          title: 'The memory was wiped meanwhile',
          actions: [{ on: 'client', type: 'sysctl -w net.mptcp.blackhole_timeout=3600' }, connect],
          hint: 'were lost again and again',
        },
      ],
    },
    {
      id: 'forgotten',
      check: {
        that: 'all',
        of: [
          { that: 'syn-dropped', is: false },
          { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }] },
        ],
      },
      solution: [
        { change: { kind: 'syn-dropped', dropped: false } },
        connect,
        { on: 'client', type: 'sysctl -w net.mptcp.blackhole_timeout=3600' },
        connect,
      ],
      mistakes: [
        {
          title: 'The router is mended, and the memory is left',
          actions: [{ change: { kind: 'syn-dropped', dropped: false } }, connect],
          hint: 'an earlier connection met a blackhole',
        },
      ],
    },
  ],
};
