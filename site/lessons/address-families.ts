import type { Action, Lesson } from '../../protocol/lesson/lesson.ts';

const SIX = 'python3 six.py';
const overFour: Action = { on: 'client', type: 'python3 bulk-python/client.py' };
const overSix: Action = { on: 'client', type: SIX };

export const lesson: Lesson = {
  id: 'address-families',
  part: 'Programs',
  title: 'IPv6, and both families',
  minutes: 8,
  goal: 'Use Multipath TCP over IPv6, and know which connections can use IPv4 and IPv6 together.',
  terminals: ['client', 'server', 'server 2'],
  snippets: ['bulk-python'],
  setup: [
    {
      on: 'server',
      type: `sed -i -e 's/AF_INET,/AF_INET6,/' -e 's/"0.0.0.0"/"::"/' -e 's/(address, _)/(address, *_)/' bulk-python/server.py`,
    },
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 1/' bulk-python/client.py" },
  ],
  steps: [
    {
      id: 'six',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'verdict', kind: 'multipath' },
          { sight: 'family', is: 'ipv6', role: 'initial' },
          { sight: 'subflows', least: 1, link: 'cellular', role: 'joined' },
          { sight: 'over' },
        ],
      },
      solution: [{ on: 'client', type: "sed 's/AF_INET,/AF_INET6,/' bulk-python/client.py > six.py" }, overSix],
      mistakes: [{ title: 'The client is as it was', actions: [overFour], hint: 'went to 10.0.9.1' }],
    },
    {
      id: 'mixed',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'family', is: 'ipv6', role: 'initial' },
          { sight: 'family', is: 'ipv4', role: 'joined' },
          { sight: 'over' },
        ],
      },
      solution: [{ on: 'server 2', type: 'ip mptcp endpoint add 10.0.9.1 dev lan signal' }, overSix],
      mistakes: [{ title: 'The server has announced nothing', actions: [overSix], hint: 'went to fd00:9::1' }],
    },
    {
      id: 'never',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'family', is: 'ipv4', role: 'initial' },
          { sight: 'announced', address: 'fd00:9::2' },
          { sight: 'subflows-at-most', most: 2 },
          { sight: 'over' },
        ],
      },
      solution: [
        { on: 'server 2', type: 'ip mptcp endpoint flush' },
        { on: 'server 2', type: 'ip mptcp endpoint add fd00:9::2 dev lan signal' },
        overFour,
      ],
      mistakes: [
        { title: 'The server still announces its IPv4 address', actions: [overFour], hint: 'The server announced no address' },
        { title: 'The connection is one over IPv6', actions: [overSix], hint: 'went to fd00:9::1' },
      ],
    },
  ],
};
