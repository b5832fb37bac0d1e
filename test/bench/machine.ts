import { cpus, loadavg, release, totalmem } from 'node:os';

/** Where the figures were taken: they mean nothing without it. */
export type Machine = { kernel: string; processor: string; cores: number; memoryGb: number; node: string; load: number };

export function thisMachine(): Machine {
  return {
    kernel: release(),
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    // Of the minute before: what else the machine did, this bench included (proc_loadavg(5)).
    load: loadavg()[0] ?? 0,
  };
}

export function describeMachine({ kernel, processor, cores, memoryGb, node, load }: Machine): string {
  return `Linux ${kernel}, ${cores} × ${processor}, ${memoryGb} GB, Node ${node}, load ${load.toFixed(1)}`;
}
