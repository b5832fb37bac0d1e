import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { imageRoot } from '../../image/location.ts';
import { CALLS, type Call } from '../../runner/sandbox/seccomp/calls.ts';
import { ALLOW, ask, MACHINES, type Machine } from '../../runner/sandbox/seccomp/interpret-filter.ts';
import { ERRNO, NEWEST_CALL, POLICY } from '../../runner/sandbox/seccomp/policy.ts';
import { missing, missingLanguage } from '../require.ts';

const HEADERS: Record<Machine, string> = {
  x64: 'usr/include/x86_64-linux-gnu/asm/unistd_64.h',
  arm64: 'usr/include/asm-generic/unistd.h',
};
const ENOSYS = `error ${ERRNO.ENOSYS}`;

const onX64 = process.arch === 'x64' ? false : 'needs the headers of x86-64';
const skip = (await missing('lab')) || missingLanguage('c') || onX64;

describe('the filter, by the system call tables of the kernel headers', { skip }, () => {
  for (const machine of ['x64', 'arm64'] as const) {
    const numbers = skip === false ? tableOf(machine) : new Map<string, number>();

    test(`${machine}: the filter knows each call by the number that the kernel has for it`, () => {
      assert.ok(numbers.size > 280, `${numbers.size} calls`);
      for (const [name, columns] of Object.entries(CALLS)) {
        const expected = numbers.get(name) ?? null;
        if (expected !== null || machine === 'arm64') assert.equal(columns[MACHINES[machine].column], expected, name);
      }
    });

    test(`${machine}: of all calls, those of the policy end with its error, the newer ones are not there, the rest is allowed`, () => {
      const always = new Map(POLICY.flatMap(({ calls, when, answer }) => (when ? [] : calls.map((call) => [call, answer]))));
      const sometimes = new Set<string>(POLICY.flatMap(({ calls, when }) => (when ? calls : [])));
      for (const [name, number] of numbers) {
        if (sometimes.has(name)) continue;
        const answer = isCall(name) ? always.get(name) : undefined;
        const old = answer === undefined ? ALLOW : `error ${ERRNO[answer]}`;
        assert.equal(ask(machine, number), number > NEWEST_CALL ? ENOSYS : old, name);
      }
    });

    test(`${machine}: a number that no call has is answered as the kernel would, or as one that is not there`, () => {
      const known = new Set(numbers.values());
      for (let number = 0; number <= 1_000; number++) {
        if (!known.has(number)) assert.ok([ALLOW, ENOSYS].includes(ask(machine, number)), String(number));
      }
    });
  }
});

function isCall(name: string): name is Call {
  return Object.hasOwn(CALLS, name);
}

/** Numbers by name, as of `#define __NR_read 0`, and of `#define __NR3264_fcntl 25`, which is of both word sizes. */
function tableOf(machine: Machine): Map<string, number> {
  const header = readFileSync(join(imageRoot(), HEADERS[machine]), 'utf8');
  const found = [...header.matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm)];
  const numbers = new Map(found.map(([, name = '', number]) => [name, Number(number)]));
  // How many there are, and where those of an architecture begin.
  for (const name of ['syscalls', 'arch_specific_syscall']) numbers.delete(name);
  return numbers;
}
