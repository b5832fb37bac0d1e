import type { Lesson } from '../../protocol/lesson/lesson.ts';

const transfer = { on: 'client', type: 'python3 bulk-python/client.py' } as const;
const serve = { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' } as const;

export const lesson: Lesson = {
  id: 'limits',
  part: 'Paths',
  title: 'Limits',
  minutes: 7,
  goal: 'Tell which host’s limit kept a subflow from joining, and raise it.',
  terminals: ['client', 'server'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 1/' bulk-python/client.py" },
    { on: 'client', type: 'ip mptcp limits set subflows 0' },
    serve,
  ],
  steps: [
    {
      id: 'none',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'verdict', kind: 'multipath' },
          { sight: 'subflows-at-most', most: 1 },
          { sight: 'carried', link: 'wifi', leastBytes: 1_000_000 },
          { sight: 'over' },
        ],
      },
      solution: [{ on: 'client', type: 'ip mptcp limits' }, { on: 'client', type: 'ip mptcp endpoint' }, transfer],
      mistakes: [
        {
          title: 'The limit is raised before it was seen to work',
          actions: [
            { on: 'client', type: 'ip mptcp limits set subflows 1' },
            transfer,
            { on: 'client', type: 'ip mptcp limits set subflows 0' },
          ],
          hint: '2 subflows: over Wi-Fi, over cellular',
        },
      ],
    },
    {
      id: 'one',
      check: {
        that: 'all',
        of: [
          { that: 'limits', host: 'client', leastSubflows: 1 },
          { that: 'attempt', shows: [{ sight: 'carried', link: 'cellular', leastBytes: 200_000 }] },
        ],
      },
      solution: [{ on: 'client', type: 'ip mptcp limits set subflows 1' }, transfer],
      mistakes: [
        {
          title: 'The other limit is raised',
          actions: [{ on: 'client', type: 'ip mptcp limits set add_addr_accepted 2' }, transfer],
          hint: 'The client allows 0 more subflows and takes up 2 announced addresses',
        },
      ],
    },
    {
      id: 'server',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'counter', host: 'client', name: 'MPJoinSynAckRx', least: 1 },
          { sight: 'carried', link: 'wifi', leastBytes: 1_000_000 },
          { sight: 'carried-at-most', link: 'cellular', mostBytes: 20_000 },
          { sight: 'over' },
        ],
      },
      hints: [
        {
          when: {
            that: 'all',
            of: [
              { that: 'limits', host: 'server', leastSubflows: 1 },
              { that: 'attempt', shows: [{ sight: 'carried', link: 'cellular', leastBytes: 20_000 }] },
            ],
          },
          say: 'Cellular carried data: the server still lets subflows join.',
        },
      ],
      solution: [{ on: 'server', interrupt: true }, { on: 'server', type: 'ip mptcp limits set subflows 0' }, serve, transfer],
      mistakes: [
        {
          title: 'The server is as it was',
          actions: [transfer],
          hint: 'the server still lets subflows join',
        },
      ],
    },
    {
      id: 'both',
      check: {
        that: 'all',
        of: [
          { that: 'limits', host: 'server', leastSubflows: 1 },
          { that: 'attempt', shows: [{ sight: 'carried', link: 'cellular', leastBytes: 200_000 }] },
        ],
      },
      solution: [{ on: 'server', interrupt: true }, { on: 'server', type: 'ip mptcp limits set subflows 2' }, serve, transfer],
      mistakes: [
        {
          title: 'The client’s limit is raised once more',
          actions: [{ on: 'client', type: 'ip mptcp limits set subflows 8' }, transfer],
          hint: 'The server allows 0 more subflows',
        },
      ],
    },
  ],
};
