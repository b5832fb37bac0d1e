import type { Lesson } from '../../protocol/lesson/lesson.ts';

const TRANSFER = 'python3 bulk-python/client.py';

export const lesson: Lesson = {
  id: 'failover',
  part: 'Paths',
  title: 'Failover',
  minutes: 6,
  goal: 'Cut the link that a transfer runs on, and see it finish over the other one.',
  terminals: ['client', 'server'],
  snippets: ['bulk-python'],
  setup: [{ on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' }],
  steps: [
    {
      id: 'cut',
      check: { that: 'attempt', shows: [{ sight: 'outlived', link: 'wifi', leastBytes: 200_000 }] },
      solution: [
        { on: 'client', type: TRANSFER, until: '' },
        { waitMs: 1_500 },
        { change: { kind: 'link-up', link: 'wifi', up: false } },
        { waitMs: 3_000 },
      ],
      mistakes: [
        {
          title: 'The link is cut before the transfer',
          actions: [
            { change: { kind: 'link-up', link: 'wifi', up: false } },
            { on: 'client', type: TRANSFER },
            { change: { kind: 'link-up', link: 'wifi', up: true } },
          ],
          hint: 'Wi-Fi did not go down while a connection was open',
        },
      ],
    },
    {
      id: 'mended',
      check: {
        that: 'all',
        of: [
          { that: 'link', link: 'wifi', up: true },
          { that: 'attempt', shows: [{ sight: 'carried', link: 'wifi', leastBytes: 1_000_000 }] },
        ],
      },
      solution: [{ change: { kind: 'link-up', link: 'wifi', up: true } }, { on: 'client', type: TRANSFER }],
      mistakes: [{ title: 'Wi-Fi is still down', actions: [{ on: 'client', type: TRANSFER }], hint: 'Wi-Fi is down' }],
    },
  ],
};
