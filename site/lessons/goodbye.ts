import type { Lesson } from '../../protocol/lesson/lesson.ts';

const CLIENT = 'bulk-python/client.py';
const begin = { on: 'client', type: `python3 ${CLIENT}`, until: '' } as const;
const count = (name: string) => ({ on: 'client', type: `nstat -az ${name}` }) as const;
const short = { on: 'client', type: `sed 's/SECONDS = 5/SECONDS = 1/' ${CLIENT} | python3` } as const;

export const lesson: Lesson = {
  id: 'goodbye',
  part: 'Paths',
  title: 'Removed, cut off, reset',
  minutes: 9,
  goal: 'Tell apart an address that was taken back, a connection that was cut off, and a subflow that was reset, and say why it was.',
  terminals: ['client', 'server', 'server 2'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'server', type: 'ip mptcp endpoint add 10.0.9.2 dev lan signal' },
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
  ],
  steps: [
    {
      id: 'removed',
      check: {
        that: 'attempt',
        shows: [{ sight: 'announced', address: '10.0.9.2' }, { sight: 'address-removed' }, { sight: 'over' }],
      },
      solution: [begin, { waitMs: 1_500 }, { on: 'server 2', type: 'ip mptcp endpoint delete id 1' }, count('MPTcpExtRmAddr')],
      mistakes: [
        {
          title: 'It is deleted before the transfer',
          actions: [
            { on: 'server 2', type: 'ip mptcp endpoint delete id 1' },
            short,
            { on: 'server 2', type: 'ip mptcp endpoint add 10.0.9.2 dev lan signal id 1' },
          ],
          hint: 'The server announced no address',
        },
        {
          title: 'It is not deleted',
          actions: [short],
          hint: 'The server has taken no address back',
        },
      ],
    },
    {
      id: 'cut-off',
      check: {
        that: 'attempt',
        shows: [{ sight: 'counter', host: 'client', name: 'MPFastcloseTx', least: 1 }, { sight: 'over' }],
      },
      solution: [
        {
          on: 'client',
          type: `sed -i '/connection.connect/a\\    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))' ${CLIENT}`,
        },
        begin,
        { waitMs: 1_000 },
        { on: 'client', interrupt: true },
        count('MPTcpExtMPFastcloseTx'),
      ],
      mistakes: [
        {
          title: 'The socket is closed as usual',
          actions: [begin, { waitMs: 1_000 }, { on: 'client', interrupt: true }],
          hint: 'On the client, MPTcpExtMPFastcloseTx went up by 0',
        },
      ],
    },
    {
      id: 'reset',
      check: { that: 'attempt', shows: [{ sight: 'subflow-reset', reason: 6 }] },
      solution: [
        begin,
        { waitMs: 1_000 },
        { change: { kind: 'options-stripped', from: 'data' } },
        { waitMs: 1_500 },
        { on: 'client', interrupt: true },
        count('MPTcpExtMPRstRx'),
      ],
      mistakes: [
        {
          title: 'The router leaves the options alone',
          actions: [short],
          hint: 'No subflow was reset with a reason',
        },
      ],
    },
  ],
};
