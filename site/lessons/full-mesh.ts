import type { Lesson } from '../../protocol/lesson/lesson.ts';

const transfer = { on: 'client', type: 'python3 bulk-python/client.py' } as const;
const serve = { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' } as const;

export const lesson: Lesson = {
  id: 'full-mesh',
  part: 'Paths',
  title: 'Full mesh',
  minutes: 8,
  goal: 'Make a subflow from each address of the client to each address of the server, and know what it takes.',
  terminals: ['client', 'server', 'server 2'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 1/' bulk-python/client.py" },
    { on: 'server', type: 'ip mptcp endpoint add 10.0.9.2 dev lan signal' },
    serve,
  ],
  steps: [
    {
      id: 'without',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'announced', address: '10.0.9.2' },
          { sight: 'subflows', least: 1, link: 'cellular' },
          { sight: 'subflows', least: 2, link: 'wifi' },
          { sight: 'over' },
        ],
      },
      solution: [{ on: 'client', type: 'ip mptcp endpoint' }, transfer],
      mistakes: [
        {
          title: 'The client takes up no announced address',
          actions: [
            { on: 'client', type: 'ip mptcp limits set add_addr_accepted 0' },
            transfer,
            { on: 'client', type: 'ip mptcp limits set add_addr_accepted 1' },
          ],
          hint: 'The last connection had 2 subflows',
        },
      ],
    },
    {
      id: 'cellular',
      check: {
        that: 'all',
        of: [
          { that: 'endpoint', host: 'client', address: '10.0.2.2', there: true, flags: ['fullmesh'] },
          { that: 'attempt', shows: [{ sight: 'subflows', least: 2, link: 'cellular' }, { sight: 'over' }] },
        ],
      },
      solution: [{ on: 'client', type: 'ip mptcp endpoint change id 1 fullmesh' }, transfer],
      mistakes: [
        {
          title: 'The server’s address, in the place of the client’s',
          actions: [{ on: 'server 2', type: 'ip mptcp endpoint change id 1 fullmesh' }, transfer],
          hint: 'The endpoint 10.0.2.2 is subflow',
        },
      ],
    },
    {
      id: 'mesh',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'subflows', least: 2, link: 'wifi' },
          { sight: 'subflows', least: 2, link: 'cellular' },
          { sight: 'counter', host: 'server', name: 'MPJoinAckRx', least: 3 },
        ],
      },
      solution: [
        { on: 'client', type: 'ip mptcp endpoint add 10.0.1.2 dev wifi subflow fullmesh' },
        { on: 'client', type: 'ip mptcp limits set subflows 3' },
        { on: 'server 2', type: 'ip mptcp limits set subflows 3' },
        transfer,
      ],
      mistakes: [
        {
          title: 'The server’s limit is as it was',
          actions: [
            { on: 'client', type: 'ip mptcp endpoint add 10.0.1.2 dev wifi subflow fullmesh' },
            { on: 'client', type: 'ip mptcp limits set subflows 3' },
            transfer,
            { on: 'client', type: 'ip mptcp endpoint delete id 3' },
          ],
          hint: 'On the server, MPTcpExtMPJoinAckRx went up by 2.',
        },
      ],
    },
  ],
};
