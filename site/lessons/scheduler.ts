import type { Lesson } from '../../protocol/lesson/lesson.ts';

const transfer = { on: 'client', type: 'python3 bulk-python/client.py' } as const;

export const lesson: Lesson = {
  id: 'scheduler',
  part: 'Paths',
  title: 'Which link carried what',
  minutes: 8,
  goal: 'Read off which subflow carried how much, and foresee what the scheduler will do.',
  terminals: ['client', 'client 2', 'server'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 3/' bulk-python/client.py" },
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
  ],
  steps: [
    {
      id: 'full',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'subflows', least: 1, link: 'cellular' },
          { sight: 'share', link: 'wifi', leastPercent: 50 },
          { sight: 'share', link: 'cellular', leastPercent: 20 },
          { sight: 'over' },
        ],
      },
      solution: [{ ...transfer, until: '' }, { waitMs: 1_500 }, { on: 'client 2', type: 'ss -tni' }, { waitMs: 2_000 }],
      mistakes: [
        {
          title: 'The second subflow is a backup',
          actions: [
            { on: 'client', type: 'ip mptcp endpoint change id 1 backup' },
            transfer,
            { on: 'client', type: 'ip mptcp endpoint change id 1 nobackup' },
          ],
          hint: 'Cellular has carried 0 % of the bytes',
        },
      ],
    },
    {
      id: 'little',
      check: {
        that: 'attempt',
        shows: [
          { sight: 'subflows', least: 1, link: 'cellular' },
          { sight: 'carried', link: 'wifi', leastBytes: 300_000 },
          { sight: 'share', link: 'wifi', leastPercent: 90 },
          { sight: 'over' },
        ],
      },
      solution: [{ on: 'client', type: "sed -i '/sendall(block)/a\\        time.sleep(0.05)' bulk-python/client.py" }, transfer],
      mistakes: [
        {
          title: 'It sends as fast as before',
          actions: [transfer],
          hint: 'Wi-Fi has carried ',
        },
      ],
    },
    {
      id: 'slow-wifi',
      check: {
        that: 'all',
        of: [
          { that: 'link-rate', link: 'wifi', mostKbit: 500 },
          { that: 'attempt', shows: [{ sight: 'share', link: 'cellular', leastPercent: 60 }, { sight: 'over' }] },
        ],
      },
      solution: [{ change: { kind: 'link-rate', link: 'wifi', rateKbit: 500 } }, transfer],
      mistakes: [
        {
          title: 'Wi-Fi is still fast enough',
          actions: [{ change: { kind: 'link-rate', link: 'wifi', rateKbit: 10_000 } }, transfer],
          hint: 'The rate of Wi-Fi is 10000 kbit/s',
        },
      ],
    },
  ],
};
