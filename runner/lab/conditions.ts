import type { Condition } from '../../protocol/condition.ts';
import { commandsBetween, conditionCommands } from '../../protocol/condition-commands.ts';
import { type Conditions, conditionsOf, type HostCommand, type Unavailable } from '../../protocol/conditions.ts';
import type { Topology } from '../../protocol/topology.ts';
import { type ConditionFault, wantedConditions } from '../../protocol/wanted-conditions.ts';
import { inHost } from './commands.ts';
import { parseConditions, READ_CONDITIONS } from './read-conditions.ts';
import { type LabShell, ShellError } from './shell.ts';

/**
 * `conditions` is what the kernel says afterwards. A condition is there as a whole or, with a fault, not at all. `carriedOutAt`
 * is when the last of the commands was done, as performance.now() tells it; `null` where none was given.
 */
export type Applied = {
  conditions: Conditions;
  commands: HostCommand[];
  fault: ConditionFault | FailedCondition | null;
  carriedOutAt: number | null;
};

/** The kernel or a tool refused: `message` has its own words. */
export type FailedCondition = { code: 'condition-failed'; message: string };

/** The conditions of one lab: a new run keeps them. */
export type LabConditions = {
  present(): Conditions;
  /** One after the other, in the order of the calls. Rejects when the lab ends. */
  apply(condition: Condition): Promise<Applied>;
  /** Asks the kernel, in its turn: in a shell, somebody may have changed them. Rejects when the lab ends. */
  lookAgain(): Promise<Conditions>;
};

/** A fresh lab is as its topology says; from the first change on, the kernel is asked. */
export function openConditions(shell: LabShell, topology: Topology, unavailable: Unavailable): LabConditions {
  let present = conditionsOf(topology, unavailable);
  let last: Promise<unknown> = Promise.resolve();

  const read = async () => {
    present = parseConditions(await shell.run(READ_CONDITIONS), topology, unavailable);
    return present;
  };
  const execute = (commands: HostCommand[], from: Conditions, to: Conditions) =>
    shell.run([...commands.map(inLab), ...(raisesLink(from, to) ? [WAIT_FOR_CARRIERS] : [])].join('\n'));

  const change = async (condition: Condition): Promise<Applied> => {
    const before = present;
    const result = wantedConditions(before, condition, topology);
    if ('fault' in result) return { conditions: before, commands: [], fault: result.fault, carriedOutAt: null };
    const commands = conditionCommands(condition, before, topology);
    if (commands.length === 0) return { conditions: before, commands, fault: null, carriedOutAt: null };
    try {
      await execute(commands, before, result.wanted);
      const carriedOutAt = performance.now();
      return { conditions: await read(), commands, fault: null, carriedOutAt };
    } catch (error) {
      if (!(error instanceof ShellError)) throw error;
      const message = `${commands.map(({ host, line }) => `On ${host}: ${line}`).join('\n')}\n${lastLines(error.output)}`;
      const fault = { code: 'condition-failed', message } as const;
      return { conditions: await takenBack(result.wanted, before), commands: [], fault, carriedOutAt: null };
    }
  };

  /** Where a tool is missing that reads the conditions, all is thought to be there that was wanted, and taken back. */
  const takenBack = async (wanted: Conditions, before: Conditions): Promise<Conditions> => {
    const now = await read().catch((error: unknown) => {
      unlessLabEnded(error);
      return wanted;
    });
    await execute(commandsBetween(now, before, topology), now, before).catch(unlessLabEnded);
    return read().catch((error: unknown) => {
      unlessLabEnded(error);
      return present;
    });
  };

  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const result = last.then(act);
    last = result.catch(() => {});
    return result;
  };

  return {
    present: () => present,
    apply: (condition) => inTurn(() => change(condition)),
    lookAgain: () => inTurn(read),
  };
}

/** What tools say at the end; before it may stand all that was read. */
function lastLines(output: string): string {
  return output.trim().split('\n').slice(-MESSAGE_LINES).join('\n').slice(-MESSAGE_LETTERS);
}

const MESSAGE_LINES = 5;
const MESSAGE_LETTERS = 500;

/** What could not be taken back shows in the conditions that are read next. */
function unlessLabEnded(error: unknown): void {
  if (!(error instanceof ShellError)) throw error;
}

function raisesLink(from: Conditions, to: Conditions): boolean {
  return to.links.some(({ near }, index) => near.adminUp && from.links[index]?.near.adminUp === false);
}

function inLab({ host, line }: HostCommand): string {
  return `${inHost(host)} ${line}`;
}

/**
 * The kernel tells of a carrier a moment later (net/core/link_watch.c), and a packet sent before is lost. Each end with a
 * carrier is waited for, at most for a second.
 */
const WAIT_FOR_CARRIERS = `
for i in $(seq 100); do
  waiting=no
  for host in client router server; do
    if nsenter --net=/run/netns/$host ip -brief link | grep LOWER_UP | grep -v -e ' UP ' -e UNKNOWN >/dev/null; then waiting=yes; fi
  done
  if [ $waiting = no ]; then break; fi
  sleep 0.01
done`;
