import type { Lesson } from '../../protocol/lesson/lesson.ts';
import { writeAsk } from './ask.ts';

const ask = { on: 'client', type: 'python3 ask.py' } as const;

export const lesson: Lesson = {
  id: 'late-fallback',
  part: 'Fallback',
  title: 'Late fallback',
  minutes: 7,
  goal: 'Show why a program that asks too early believes what is no longer so, and know when to ask.',
  terminals: ['client', 'server'],
  snippets: ['bulk-python'],
  setup: [
    writeAsk,
    { on: 'client', type: 'ip mptcp endpoint flush' },
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
  ],
  steps: [
    {
      id: 'at-connect',
      check: {
        that: 'attempt',
        shows: [{ sight: 'verdict', kind: 'fallback', reason: 'stripped-from-syn-ack' }, { sight: 'over' }],
      },
      solution: [{ change: { kind: 'options-stripped', from: 'syn-ack' } }, ask],
      mistakes: [{ title: 'Nothing is stripped', actions: [ask], hint: 'Multipath TCP. Connection 0x' }],
    },
    {
      id: 'late',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'verdict', kind: 'fallback', reason: 'late' },
          { sight: 'counter', host: 'client', name: 'MPCapableSYNACKRX', least: 1 },
          { sight: 'over' },
        ],
      },
      solution: [{ change: { kind: 'options-stripped', from: 'data' } }, ask],
      mistakes: [{ title: 'Still stripped from the SYN+ACK', actions: [ask], hint: 'its answer lost the option' }],
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
      solution: [{ change: { kind: 'options-stripped', from: null } }, ask],
      mistakes: [
        {
          title: 'Only another place is chosen',
          actions: [{ change: { kind: 'options-stripped', from: 'syn' } }, ask],
          hint: 'The router removes options elsewhere',
        },
      ],
    },
  ],
};
