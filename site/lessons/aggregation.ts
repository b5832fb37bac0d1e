import type { Lesson } from '../../protocol/lesson/lesson.ts';

const transfer = { on: 'client', type: 'python3 bulk-python/client.py' } as const;

export const lesson: Lesson = {
  id: 'aggregation',
  part: 'Paths',
  title: 'Aggregation',
  minutes: 7,
  goal: 'Measure what a second link adds to the rate of one connection, and when it adds nothing.',
  terminals: ['client', 'server'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 3/' bulk-python/client.py" },
    { on: 'client', type: 'ip mptcp endpoint flush' },
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
  ],
  steps: [
    {
      id: 'one-link',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'verdict', kind: 'multipath' },
          { sight: 'carried', link: 'wifi', leastBytes: 2_000_000 },
          { sight: 'carried-at-most', link: 'cellular', mostBytes: 1_000 },
          { sight: 'over' },
        ],
      },
      solution: [transfer],
      mistakes: [
        {
          title: 'The second link is there already',
          actions: [
            { on: 'client', type: 'ip mptcp endpoint add 10.0.2.2 dev cellular subflow' },
            { on: 'client', type: "sed 's/SECONDS = 3/SECONDS = 1/' bulk-python/client.py | python3" },
            { on: 'client', type: 'ip mptcp endpoint flush' },
          ],
          hint: 'Cellular has carried',
        },
      ],
    },
    {
      id: 'two-links',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'carried', link: 'wifi', leastBytes: 2_000_000 },
          { sight: 'carried', link: 'cellular', leastBytes: 1_000_000 },
          { sight: 'over' },
        ],
      },
      solution: [{ on: 'client', type: 'ip mptcp endpoint add 10.0.2.2 dev cellular subflow' }, transfer],
      mistakes: [
        {
          title: 'A backup adds nothing',
          actions: [
            { on: 'client', type: 'ip mptcp endpoint add 10.0.2.2 dev cellular subflow backup' },
            { on: 'client', type: "sed 's/SECONDS = 3/SECONDS = 1/' bulk-python/client.py | python3" },
            { on: 'client', type: 'ip mptcp endpoint flush' },
          ],
          hint: 'Cellular has carried',
        },
      ],
    },
    {
      id: 'uneven',
      check: {
        that: 'all',
        of: [
          { that: 'link-rate', link: 'cellular', mostKbit: 1_000 },
          {
            that: 'attempt',
            shows: [
              { sight: 'subflows', least: 1, link: 'cellular' },
              { sight: 'carried', link: 'wifi', leastBytes: 600_000 },
              { sight: 'over' },
            ],
          },
        ],
      },
      solution: [{ change: { kind: 'link-rate', link: 'cellular', rateKbit: 1_000 } }, transfer],
      mistakes: [
        {
          title: 'The other link is made slow',
          actions: [
            { change: { kind: 'link-rate', link: 'wifi', rateKbit: 1_000 } },
            { on: 'client', type: "sed 's/SECONDS = 3/SECONDS = 1/' bulk-python/client.py | python3" },
            { change: { kind: 'link-rate', link: 'wifi', rateKbit: 20_000 } },
          ],
          hint: 'The rate of cellular is 10000 kbit/s',
        },
        {
          title: 'Cellular is made slow while a transfer goes on',
          actions: [
            { ...transfer, until: '' },
            { waitMs: 1_500 },
            { change: { kind: 'link-rate', link: 'cellular', rateKbit: 1_000 } },
            { on: 'client', type: 'true' },
          ],
          hint: 'When the last attempt began, this was so: The rate of cellular is 10000 kbit/s',
        },
      ],
    },
  ],
};
