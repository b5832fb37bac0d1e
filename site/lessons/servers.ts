import type { Action, Lesson } from '../../protocol/lesson/lesson.ts';

const transfer: Action = { on: 'client', type: 'python3 bulk-python/client.py' };

export const lesson: Lesson = {
  id: 'servers',
  part: 'Programs',
  title: 'Servers, and load balancers',
  minutes: 9,
  goal: 'Serve TCP and Multipath TCP with one listener, also where a load balancer stands before it.',
  terminals: ['client', 'server', 'server 2'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 1/' bulk-python/client.py" },
  ],
  steps: [
    {
      id: 'both',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'verdict', kind: 'plain-tcp', reason: 'plain-socket' },
          { sight: 'carried', link: 'wifi', leastBytes: 500_000 },
        ],
      },
      solution: [
        { on: 'client', type: "sed 's/IPPROTO_MPTCP)/IPPROTO_TCP)/' bulk-python/client.py > tcp.py" },
        { on: 'client', type: 'python3 tcp.py' },
      ],
      mistakes: [{ title: 'The client is as it was', actions: [transfer], hint: 'Multipath TCP. Connection 0x' }],
    },
    {
      id: 'no-join',
      check: {
        that: 'all',
        of: [
          { that: 'endpoint', host: 'client', address: '10.0.2.2', there: true, flags: ['subflow'] },
          {
            that: 'attempt',
            shows: [
              { sight: 'verdict', kind: 'multipath' },
              { sight: 'subflows-at-most', most: 1 },
              { sight: 'carried', link: 'wifi', leastBytes: 500_000 },
              { sight: 'over' },
            ],
          },
        ],
      },
      solution: [{ on: 'server 2', type: 'sysctl -w net.mptcp.allow_join_initial_addr_port=0' }, transfer],
      mistakes: [{ title: 'Clients are not told yet', actions: [transfer], hint: 'had 2 subflows: over Wi-Fi, over cellular' }],
    },
    {
      id: 'other-port',
      check: { that: 'attempt', shows: [{ sight: 'other-port' }, { sight: 'over' }] },
      solution: [{ on: 'server 2', type: 'ip mptcp endpoint add 10.0.9.1 dev lan port 5005 signal' }, transfer],
      mistakes: [
        {
          title: 'An address without a port',
          actions: [
            { on: 'server 2', type: 'ip mptcp endpoint add 10.0.9.2 dev lan signal' },
            transfer,
            { on: 'server 2', type: 'ip mptcp endpoint flush' },
          ],
          hint: 'All subflows went to port 8262',
        },
      ],
    },
    {
      id: 'other-link',
      check: {
        that: 'attempt',
        shows: [{ sight: 'other-port' }, { sight: 'subflows', least: 1, link: 'cellular', role: 'joined' }],
      },
      solution: [{ on: 'client', type: 'ip mptcp endpoint change id 1 fullmesh' }, transfer],
      mistakes: [{ title: 'The endpoint is as it was', actions: [transfer], hint: '2 subflows: over Wi-Fi, over Wi-Fi' }],
    },
  ],
};
