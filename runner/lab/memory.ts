import { readFileSync } from 'node:fs';
import type { HostName } from '../../protocol/topology.ts';
import { ifAlive, processesOfHost } from './processes.ts';

/** The memory of all processes on a host of a lab, in bytes, without what they map from files. Reads files of /proc only. */
export function memoryOfHost(holderPid: number, host: HostName): number {
  return sum(processesOfHost(holderPid, host).map((directory) => proportionalBytes(directory)));
}

const KIB = 1024;

/**
 * Pages that a process shares with others count by their part (proc_pid_smaps(5)): a program that forks shares almost all.
 * The shorter file is read first, since most programs are small.
 */
function proportionalBytes(directory: string): number {
  const status = ifAlive(() => readFileSync(`${directory}/status`, 'utf8')) ?? '';
  const resident = kibibytes('RssAnon', status) + kibibytes('RssShmem', status);
  if (resident < SMALL_BYTES) return resident / 2;
  const rollup = ifAlive(() => readFileSync(`${directory}/smaps_rollup`, 'utf8')) ?? '';
  return kibibytes('Pss_Anon', rollup) + kibibytes('Pss_Shmem', rollup);
}

/** Below this a guess will do. */
const SMALL_BYTES = 2 * 1024 * KIB;

function kibibytes(name: string, text: string): number {
  return KIB * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
