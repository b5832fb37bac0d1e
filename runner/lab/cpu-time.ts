import { readFileSync } from 'node:fs';
import type { HostName } from '../../protocol/topology.ts';
import { ifAlive, processesOfHost } from './processes.ts';

/** The CPU time of the processes that are alive on a host of a lab, in seconds, where no control group counts it. */
export function cpuSecondsOfHost(holderPid: number, host: HostName): number {
  return processesOfHost(holderPid, host)
    .map((directory) => ifAlive(() => cpuSeconds(readFileSync(`${directory}/stat`, 'utf8'))) ?? 0)
    .reduce((total, seconds) => total + seconds, 0);
}

/** Of Linux on every machine that Node runs on (sysconf(3), _SC_CLK_TCK). */
const TICKS_A_SECOND = 100;

/** Fields 14 and 15, after the name in parentheses (proc_pid_stat(5)). */
function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
