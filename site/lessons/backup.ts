import type { Lesson } from '../../protocol/lesson/lesson.ts';

const TRANSFER = 'python3 bulk-python/client.py';

export const lesson: Lesson = {
  id: 'backup',
  part: 'Paths',
  title: 'Backup',
  minutes: 7,
  goal: 'Keep a link for the day on which the other one fails, and see that it carries nothing until then.',
  terminals: ['client', 'server'],
  snippets: ['bulk-python'],
  setup: [{ on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' }],
  steps: [
    {
      id: 'stand-by',
      check: {
        that: 'all',
        of: [
          { that: 'endpoint', host: 'client', address: '10.0.2.2', there: true, flags: ['backup'] },
          {
            that: 'attempt',
            shows: [
              { sight: 'subflows', least: 1, link: 'cellular' },
              { sight: 'carried', link: 'wifi', leastBytes: 1_000_000 },
              { sight: 'carried-at-most', link: 'cellular', mostBytes: 200_000 },
              { sight: 'over' },
            ],
          },
        ],
      },
      solution: [
        { on: 'client', type: 'ip mptcp endpoint change id 1 backup' },
        { on: 'client', type: TRANSFER },
      ],
      mistakes: [
        {
          title: 'It is no backup yet',
          actions: [{ on: 'client', type: TRANSFER }],
          hint: 'The endpoint 10.0.2.2 is subflow.',
        },
      ],
    },
    {
      id: 'take-over',
      check: { that: 'attempt', shows: [{ sight: 'outlived', link: 'wifi', leastBytes: 200_000 }] },
      solution: [
        { on: 'client', type: TRANSFER, until: '' },
        { waitMs: 1_500 },
        { change: { kind: 'link-up', link: 'wifi', up: false } },
        { waitMs: 4_000 },
      ],
      mistakes: [
        {
          title: 'The link is not cut',
          actions: [{ on: 'client', type: TRANSFER }],
          hint: 'Wi-Fi did not go down while a connection was open',
        },
      ],
    },
  ],
};
