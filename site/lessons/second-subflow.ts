import type { Lesson } from '../../protocol/lesson/lesson.ts';

export const lesson: Lesson = {
  id: 'second-subflow',
  part: 'Paths',
  title: 'A second subflow',
  minutes: 7,
  goal: 'Give a connection a second link, on one host, without touching the program.',
  terminals: ['client', 'server'],
  snippets: ['bulk-python'],
  setup: [
    { change: { kind: 'endpoint-remove', host: 'client', id: 1 } },
    { change: { kind: 'endpoint-remove', host: 'client', id: 2 } },
  ],
  steps: [
    {
      id: 'one-link',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'verdict', kind: 'multipath' },
          { sight: 'carried-at-most', link: 'cellular', mostBytes: 0 },
        ],
      },
      solution: [
        { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
        { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 2/' bulk-python/client.py && python3 bulk-python/client.py" },
      ],
      mistakes: [],
    },
    {
      id: 'two-links',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'subflows', least: 1, link: 'cellular', role: 'joined' },
          { sight: 'carried', link: 'cellular', leastBytes: 100_000 },
        ],
      },
      solution: [
        { on: 'client', type: 'ip mptcp endpoint add 10.0.2.2 dev cellular subflow' },
        { on: 'client', type: 'python3 bulk-python/client.py' },
      ],
      mistakes: [
        {
          title: 'An announced address in the place of a subflow',
          actions: [
            { on: 'client', type: 'ip mptcp endpoint add 10.0.2.2 dev cellular signal' },
            { on: 'client', type: 'python3 bulk-python/client.py' },
            { on: 'client', type: 'ip mptcp endpoint flush' },
          ],
          hint: 'one subflow: over Wi-Fi',
        },
      ],
    },
  ],
};
