import { assemble, type Line } from './bpf.ts';
import { CALLS } from './calls.ts';
import { type Condition, ERRNO, NEWEST_CALL, POLICY, type Rule } from './policy.ts';

export type Architecture = 'x64' | 'arm64';

/** What seccomp(2) calls an architecture (linux/audit.h), and the column of CALLS. */
const ARCHITECTURES: Record<Architecture, { audit: number; column: 0 | 1 }> = {
  x64: { audit: 0xc000_003e, column: 0 },
  arm64: { audit: 0xc000_00b7, column: 1 },
};

/** Offsets in struct seccomp_data (linux/seccomp.h); both architectures are little-endian. */
const CALL_NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number, half: 'lower' | 'upper' = 'lower') => 16 + 8 * index + (half === 'lower' ? 0 : 4);

const RETURN = { killProcess: 0x8000_0000, error: 0x0005_0000, allow: 0x7fff_0000 };
/** Calls of the x32 table, which a 64-bit process can make too, have this bit. */
const X32_BIT = 0x4000_0000;

/**
 * The system call filter of a sandbox for `bwrap --seccomp`. Each rule stands for itself, so that the kernel can see
 * which calls it always allows and skips it for them.
 * @param architecture as `process.arch` has it
 * @throws Error on one that the filter does not know
 */
export function seccompFilter(architecture: string = process.arch, policy: Rule[] = POLICY): Uint8Array {
  if (architecture !== 'x64' && architecture !== 'arm64') {
    throw new Error(
      `System call filter: expected a machine with ${Object.keys(ARCHITECTURES).join(' or ')}, found ${architecture}`,
    );
  }
  const { audit, column } = ARCHITECTURES[architecture];
  return assemble([
    { op: 'load', offset: ARCHITECTURE },
    { op: 'jump-if', test: 'equal', value: audit, yes: 'known' },
    { op: 'return', value: RETURN.killProcess },
    { op: 'label', name: 'known' },
    { op: 'load', offset: CALL_NUMBER },
    { op: 'jump-if', test: 'greater', value: X32_BIT - 1, no: 'native' },
    { op: 'return', value: RETURN.killProcess },
    { op: 'label', name: 'native' },
    { op: 'jump-if', test: 'greater', value: NEWEST_CALL, no: 'rules' },
    { op: 'return', value: RETURN.error + ERRNO.ENOSYS },
    { op: 'label', name: 'rules' },
    ...policy.flatMap((rule, index) => linesOf(rule, `${index}`, column)),
    { op: 'return', value: RETURN.allow },
  ]);
}

/** The accumulator holds the number of the call before and after each rule. */
function linesOf({ calls, when = [], answer }: Rule, label: string, column: 0 | 1): Line[] {
  const numbers = calls.map((call) => CALLS[call][column]).filter((number) => number !== null);
  return numbers.flatMap((number): Line[] => {
    const next = `after ${label}, ${number}`;
    return [
      { op: 'jump-if', test: 'equal', value: number, no: next },
      ...when.flatMap((condition, index) => linesOfCondition(condition, `${next}, ${index}`, `${next}, not so`)),
      { op: 'return', value: RETURN.error + ERRNO[answer] },
      ...(when.length === 0
        ? []
        : [{ op: 'label', name: `${next}, not so` } as const, { op: 'load', offset: CALL_NUMBER } as const]),
      { op: 'label', name: next },
    ];
  });
}

/** Falls through when the condition holds. The kernel looks at 32 bits of all numbers among these arguments, and so does the filter. */
function linesOfCondition(condition: Condition, holds: string, fails: string): Line[] {
  const load: Line = { op: 'load', offset: argument(condition.argument) };
  switch (condition.is) {
    case 'one-of':
      return [
        load,
        ...condition.values.map(
          (value, index): Line => ({
            op: 'jump-if',
            test: 'equal',
            value,
            yes: holds,
            ...(index === condition.values.length - 1 ? { no: fails } : {}),
          }),
        ),
        { op: 'label', name: holds },
      ];
    case 'none-of':
      return [load, ...condition.values.map((value): Line => ({ op: 'jump-if', test: 'equal', value, yes: fails }))];
    case 'any-bit-of':
      return [
        { op: 'load', offset: argument(condition.argument, condition.half) },
        { op: 'jump-if', test: 'any-bit', value: condition.mask, no: fails },
      ];
  }
}
