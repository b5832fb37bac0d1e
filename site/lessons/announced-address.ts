import type { Lesson } from '../../protocol/lesson/lesson.ts';

const transfer = { on: 'client', type: 'python3 bulk-python/client.py' } as const;
const serve = { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' } as const;

export const lesson: Lesson = {
  id: 'announced-address',
  part: 'Paths',
  title: 'Announced addresses',
  minutes: 7,
  goal: 'Let a server tell its clients of a second address, and let a client take it up.',
  terminals: ['client', 'server'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 1/' bulk-python/client.py" },
    { on: 'client', type: 'ip mptcp endpoint flush' },
    { on: 'client', type: 'ip mptcp limits set subflows 2 add_addr_accepted 0' },
  ],
  steps: [
    {
      id: 'announced',
      check: {
        that: 'attempt',
        shows: [{ sight: 'announced', address: '10.0.9.2' }, { sight: 'subflows-at-most', most: 1 }, { sight: 'over' }],
      },
      solution: [{ on: 'server', type: 'ip mptcp endpoint add 10.0.9.2 dev lan signal' }, serve, transfer],
      mistakes: [
        {
          title: 'A subflow in the place of an announcement',
          actions: [
            { on: 'server', type: 'ip mptcp endpoint add 10.0.9.2 dev lan subflow' },
            serve,
            transfer,
            { on: 'server', interrupt: true },
            { on: 'server', type: 'ip mptcp endpoint flush' },
          ],
          hint: 'The server announced no address',
        },
      ],
    },
    {
      id: 'taken-up',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'announced', address: '10.0.9.2' },
          { sight: 'subflows', least: 1, role: 'joined' },
        ],
      },
      solution: [{ on: 'client', type: 'ip mptcp limits set add_addr_accepted 1' }, transfer],
      mistakes: [
        {
          title: 'Only the number of subflows is raised',
          actions: [{ on: 'client', type: 'ip mptcp limits set subflows 8' }, transfer],
          hint: 'one subflow: over Wi-Fi',
        },
      ],
    },
    {
      id: 'other-link',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'announced', address: '10.0.9.2' },
          { sight: 'subflows', least: 2, role: 'joined' },
          { sight: 'carried', link: 'cellular', leastBytes: 200_000 },
        ],
      },
      solution: [{ on: 'client', type: 'ip mptcp endpoint add 10.0.2.2 dev cellular subflow' }, transfer],
      mistakes: [
        {
          title: 'The server’s endpoint is gone',
          actions: [
            { on: 'server', interrupt: true },
            { on: 'server', type: 'ip mptcp endpoint flush' },
            serve,
            transfer,
            { on: 'server', interrupt: true },
            { on: 'server', type: 'ip mptcp endpoint add 10.0.9.2 dev lan signal' },
            serve,
          ],
          hint: 'The server announced no address',
        },
      ],
    },
  ],
};
