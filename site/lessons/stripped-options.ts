import type { Lesson } from '../../protocol/lesson/lesson.ts';

const connect = { on: 'client', type: 'python3 python/client.py' } as const;

export const lesson: Lesson = {
  id: 'stripped-options',
  part: 'Fallback',
  title: 'A middlebox strips options',
  minutes: 7,
  goal: 'Find out on which way a middlebox removes the options of Multipath TCP.',
  terminals: ['client', 'server'],
  snippets: ['python'],
  setup: [{ on: 'server', type: 'python3 python/server.py', until: 'listening' }],
  steps: [
    {
      id: 'syn',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'fallback', reason: 'stripped-from-syn' }] },
      solution: [{ change: { kind: 'options-stripped', from: 'syn' } }, connect],
      mistakes: [{ title: 'Nothing is stripped yet', actions: [connect], hint: 'Multipath TCP. Connection 0x' }],
    },
    {
      id: 'syn-ack',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'fallback', reason: 'stripped-from-syn-ack' }] },
      solution: [{ change: { kind: 'options-stripped', from: 'syn-ack' } }, connect],
      mistakes: [{ title: 'Still stripped from the SYN', actions: [connect], hint: 'the request never reached the server' }],
    },
    {
      id: 'late',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'verdict', kind: 'fallback', reason: 'late' },
          { sight: 'counter', host: 'client', name: 'MPCapableSYNACKRX', least: 1 },
        ],
      },
      solution: [
        { on: 'client', type: 'ip mptcp endpoint flush' },
        { change: { kind: 'options-stripped', from: 'data' } },
        connect,
      ],
      mistakes: [{ title: 'Still stripped from the SYN+ACK', actions: [connect], hint: 'its answer lost the option' }],
    },
    {
      id: 'clear',
      check: {
        that: 'all',
        of: [
          { that: 'stripped', from: null },
          { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }] },
        ],
      },
      solution: [{ change: { kind: 'options-stripped', from: null } }, connect],
      mistakes: [{ title: 'The middlebox is still there', actions: [connect], hint: 'The router removes options elsewhere' }],
    },
  ],
};
