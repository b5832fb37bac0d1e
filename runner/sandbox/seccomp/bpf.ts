/**
 * A classic BPF program as seccomp(2) runs it on each system call, with labels in place of distances. The accumulator is
 * 32 bits wide; `load` reads from struct seccomp_data (linux/seccomp.h). A jump whose `yes` or `no` is absent goes on
 * with the next line.
 */
export type Line =
  | { op: 'load'; offset: number }
  | { op: 'jump-if'; test: 'equal' | 'greater' | 'any-bit'; value: number; yes?: string; no?: string }
  | { op: 'return'; value: number }
  | { op: 'label'; name: string };

/** Operation codes of linux/bpf_common.h: class, size or test, and mode or source. */
const LOAD_WORD = 0x20;
const RETURN_CONSTANT = 0x06;
const JUMP_IF = { equal: 0x15, greater: 0x25, 'any-bit': 0x45 };

const INSTRUCTION_BYTES = 8;
const MAX_DISTANCE = 255;

/**
 * An array of struct sock_filter (linux/filter.h), little-endian, as `bwrap --seccomp` reads it.
 * @throws Error for a label that is missing, behind, or too far ahead
 */
export function assemble(lines: Line[]): Uint8Array {
  const positions = new Map<string, number>();
  let length = 0;
  for (const line of lines) {
    if (line.op === 'label') positions.set(line.name, length);
    else length++;
  }
  const view = new DataView(new ArrayBuffer(length * INSTRUCTION_BYTES));
  let index = 0;
  const write = (code: number, value: number, yes = 0, no = 0) => {
    const offset = index * INSTRUCTION_BYTES;
    view.setUint16(offset, code, true);
    view.setUint8(offset + 2, yes);
    view.setUint8(offset + 3, no);
    view.setUint32(offset + 4, value, true);
    index++;
  };
  const distanceTo = (label: string | undefined): number => {
    if (label === undefined) return 0;
    const distance = (positions.get(label) ?? -1) - index - 1;
    if (distance < 0 || distance > MAX_DISTANCE) {
      throw new Error(`BPF: expected "${label}" at most ${MAX_DISTANCE} lines ahead of line ${index}, found ${distance}`);
    }
    return distance;
  };

  for (const line of lines) {
    switch (line.op) {
      case 'load':
        write(LOAD_WORD, line.offset);
        break;
      case 'jump-if':
        write(JUMP_IF[line.test], line.value, distanceTo(line.yes), distanceTo(line.no));
        break;
      case 'return':
        write(RETURN_CONSTANT, line.value);
        break;
      case 'label':
        break;
    }
  }
  return new Uint8Array(view.buffer);
}
