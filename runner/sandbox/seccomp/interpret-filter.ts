import { seccompFilter } from './filter.ts';

/** For tests: the filters of both architectures, run by a machine of our own, on any machine. */
export const MACHINES = { x64: { audit: 0xc000_003e, column: 0 }, arm64: { audit: 0xc000_00b7, column: 1 } } as const;
export type Machine = keyof typeof MACHINES;

export const KILL = 'killed';
export const ALLOW = 'allowed';

const filters = { x64: seccompFilter('x64'), arm64: seccompFilter('arm64') };

/** What the filter of an architecture makes of a call: KILL, ALLOW, or `error NUMBER`. */
export function ask(
  machine: Machine,
  call: number,
  args: number[] = [],
  { audit = MACHINES[machine].audit as number, filter = filters[machine] } = {},
): string {
  // struct seccomp_data (linux/seccomp.h)
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, audit, true);
  for (const [index, value] of args.entries()) data.setBigUint64(16 + 8 * index, BigInt(value), true);
  return interpret(filter, data);
}

/** The part of classic BPF that seccomp filters are made of (Documentation/networking/filter.rst). */
function interpret(program: Uint8Array, data: DataView): string {
  const view = new DataView(program.buffer);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const value = view.getUint32(at + 4, true);
    const jump = (holds: boolean) => {
      at += 8 * view.getUint8(at + (holds ? 2 : 3));
    };
    switch (view.getUint16(at, true)) {
      case 0x20:
        accumulator = data.getUint32(value, true);
        break;
      case 0x15:
        jump(accumulator === value);
        break;
      case 0x25:
        jump(accumulator > value);
        break;
      case 0x45:
        jump((accumulator & value) !== 0);
        break;
      case 0x06:
        if (value === 0x8000_0000) return KILL;
        return value === 0x7fff_0000 ? ALLOW : `error ${value & 0xffff}`;
      default:
        throw new Error(`BPF: unknown instruction at byte ${at}`);
    }
  }
  throw new Error('BPF: the program has no end');
}
