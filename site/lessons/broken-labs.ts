import type { Action, Lesson, Step } from '../../protocol/lesson/lesson.ts';

const transfer: Action = { on: 'client', type: 'python3 bulk-python/client.py' };
/** What is broken is done in a terminal that nobody looks at. */
const breakIt = (...lines: string[]): Action[] => [
  ...lines.map((type): Action => ({ on: 'client 2', type })),
  { on: 'client 2', type: 'history -c; clear' },
];

/** Both links carry data again, whatever was done about it. */
const bothCarry: Step['check'] = {
  that: 'attempt',
  shows: [
    { sight: 'verdict', kind: 'multipath' },
    { sight: 'subflows', least: 1, link: 'cellular', role: 'joined' },
    { sight: 'carried', link: 'cellular', leastBytes: 100_000 },
    { sight: 'over' },
  ],
};

export const lesson: Lesson = {
  id: 'broken-labs',
  part: 'Last',
  title: 'Five broken labs',
  minutes: 15,
  goal: 'Find out why a second link stays idle, from what the kernel counts, and mend it.',
  terminals: ['client', 'server', 'router', 'client 2'],
  snippets: ['bulk-python'],
  puzzle: true,
  setup: [
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 1/' bulk-python/client.py" },
  ],
  steps: [
    {
      id: 'first',
      setup: breakIt('ip mptcp limits set subflows 0'),
      check: bothCarry,
      solution: [{ on: 'client', type: 'ip mptcp limits set subflows 2' }, transfer],
      mistakes: [
        {
          title: 'The endpoint is made anew',
          actions: [
            { on: 'client', type: 'ip mptcp endpoint delete id 1' },
            { on: 'client', type: 'ip mptcp endpoint add 10.0.2.2 dev cellular subflow' },
            transfer,
          ],
          hint: 'had one subflow: over Wi-Fi',
        },
      ],
    },
    {
      id: 'second',
      setup: breakIt('ip mptcp endpoint flush', 'ip mptcp endpoint add 10.0.2.2 dev cellular signal'),
      check: bothCarry,
      hints: [
        {
          when: { that: 'endpoint', host: 'client', address: '10.0.2.2', there: true, flags: ['signal'] },
          say: 'The client has one subflow, over Wi-Fi, and tells the server of its address 10.0.2.2. Is that what was meant?',
        },
      ],
      solution: [
        { on: 'client', type: 'ip mptcp endpoint flush' },
        { on: 'client', type: 'ip mptcp endpoint add 10.0.2.2 dev cellular subflow' },
        transfer,
      ],
      mistakes: [
        {
          title: 'Higher limits',
          actions: [{ on: 'client', type: 'ip mptcp limits set subflows 8 add_addr_accepted 8' }, transfer],
          hint: 'tells the server of its address 10.0.2.2',
        },
      ],
    },
    {
      id: 'third',
      setup: breakIt('ip mptcp endpoint flush', 'ip mptcp endpoint add 10.0.2.22 dev cellular subflow'),
      check: bothCarry,
      solution: [
        { on: 'client', type: 'ip mptcp endpoint flush' },
        { on: 'client', type: 'ip mptcp endpoint add 10.0.2.2 dev cellular subflow' },
        transfer,
      ],
      mistakes: [
        {
          title: 'Full mesh',
          actions: [{ on: 'client', type: 'ip mptcp endpoint change id 1 fullmesh' }, transfer],
          hint: 'had one subflow: over Wi-Fi',
        },
      ],
    },
    {
      id: 'fourth',
      setup: breakIt('ip rule del from 10.0.2.2', 'sysctl -qw net.ipv4.conf.cellular.rp_filter=1'),
      check: bothCarry,
      solution: [{ on: 'client', type: 'sysctl -w net.ipv4.conf.cellular.rp_filter=2' }, transfer],
      mistakes: [{ title: 'Try again', actions: [transfer], hint: 'had one subflow: over Wi-Fi' }],
    },
    {
      id: 'fifth',
      setup: [{ change: { kind: 'options-stripped', from: 'syn' } }],
      check: bothCarry,
      solution: [{ change: { kind: 'options-stripped', from: null } }, transfer],
      mistakes: [{ title: 'Try again', actions: [transfer], hint: 'the request never reached the server' }],
    },
  ],
};
