import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { imageRoot } from '../../image/location.ts';

/**
 * A device outside of the labs: a network namespace of its own, joined to the machine's network by two cables of its
 * own, each with an address. Nothing of it is left when it is closed: cables end with the namespace.
 */
export type OutsideDevice = AsyncDisposable & {
  /** The machine's address at the other end of the first cable. */
  machine: string;
  addresses: [string, string];
  /** Executes a command in the device's network, as root there, with the image as its files. */
  execute(argv: string[]): Promise<string>;
  /** Starts a Python program there that talks on its standard streams. */
  python(program: string, ...args: string[]): ChildProcess;
};

/** The reason to skip, as `missing` has it: joining the machine's own network takes root of the machine. */
export function missingOutside(): string | false {
  return process.getuid?.() === 0 ? false : "needs root: a cable into the machine's own network";
}

/** For measuring networks, and in no other use (RFC 2544, appendix C.2.2). A part of it for each process. */
const NETWORK = `198.18.${process.pid % 250}`;

export async function openOutsideDevice(): Promise<OutsideDevice> {
  const undo = new AsyncDisposableStack();
  const cables = ['a', 'b'].map((letter) => ({ here: `hm${process.pid}${letter}`, there: `dev${letter}` }));
  const [first, second] = [`${NETWORK}.2`, `${NETWORK}.6`];
  const machine = `${NETWORK}.1`;
  if (Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === machine)))
    throw new Error(`Expected no ${machine} on this machine, found one`);

  try {
    // Dies with this process, whatever becomes of it.
    const holder = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', 'sh', '-c', 'echo; exec sleep 3600'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    undo.defer(async () => {
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
    });
    await once(holder.stdout, 'data');
    const enter = ['nsenter', `--net=/proc/${holder.pid}/ns/net`];

    for (const [index, { here, there }] of cables.entries()) {
      await host(['ip', 'link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', String(holder.pid)]);
      undo.defer(() => host(['ip', 'link', 'del', here]).then(() => {}));
      await host(['ip', 'address', 'add', `${NETWORK}.${1 + 4 * index}/30`, 'dev', here]);
      await host(['ip', 'link', 'set', here, 'up']);
    }
    const execute = (argv: string[]) => run([...enter, ...inImage, ...argv]);
    await execute([
      'sh',
      '-ec',
      deviceNetwork(
        cables.map(({ there }) => there),
        first,
        second,
      ),
    ]);
    return {
      machine,
      addresses: [first, second],
      execute,
      python(program, ...args) {
        const [command = '', ...rest] = [...enter, ...inImage, 'python3', '-u', '-c', program, ...args];
        return spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
      },
      [Symbol.asyncDispose]: () => undo.disposeAsync(),
    };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

/** Both addresses reach the machine by its one address, each by its own cable, and the second is for a further subflow. */
const deviceNetwork = ([a, b]: string[], first: string, second: string) => `
ip link set lo up
ip address add ${first}/30 dev ${a}
ip address add ${second}/30 dev ${b}
ip link set ${a} up
ip link set ${b} up
ip rule add from ${second} table 2
ip route add default via ${NETWORK}.5 dev ${b} table 2
sysctl -qw net.mptcp.enabled=1
ip mptcp limits set subflows 2
ip mptcp endpoint add ${second} dev ${b} subflow`;

const inImage = [
  'bwrap',
  '--ro-bind',
  imageRoot(),
  '/',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '--die-with-parent',
  '--cap-add',
  'ALL',
];

const host = (argv: string[]) => run(argv);

async function run([command = '', ...args]: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args);
  return stdout;
}
