import { RUN_HOSTS, type RunHost } from '../../protocol/manifest.ts';
import { MAX_TOOL_TEXT_BYTES, TOOL_COMMANDS, TOOL_NAMES, type ToolName } from '../../protocol/tool.ts';

/** Letter by letter what a tool printed on a host, as far as there is room for it. */
export type ToolText = { host: RunHost; tool: ToolName; text: string; leftOutLines: number };

/** Asks the tools of an administrator on the hosts of a lab; each question starts processes. */
export type ToolTexts = {
  /** Until they are wanted, only the client's connections are asked for, and nothing is told. */
  want(wanted: boolean): void;
  /** Resolves with the client's `ss -Mni` in full. What is asked for while the tools are busy is answered afterwards, by one look. */
  lookAtSockets(): Promise<string>;
  /** As lookAtSockets, when they are wanted and the last look is `everyMs` past. */
  lookIfDue(everyMs: number): void;
  /** Endpoints and limits of both hosts, when they are wanted. */
  lookAtSettings(): Promise<void>;
};

/** Of all the time, looks take a twentieth at most, however many sockets there are. */
const REST_FOR_EACH_LOOK = 20;

/** @param tell what changed since it was told last */
export function openToolTexts(
  lab: { execute(host: RunHost, command: string): Promise<string> },
  tell: (text: ToolText) => void,
): ToolTexts {
  let isWanted = false;
  let told = new Map<string, string>();
  let going: Promise<string> | null = null;
  let waiting: Promise<string> | null = null;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let tookMs = 0;

  const ask = async (host: RunHost, tools: readonly ToolName[]): Promise<Map<ToolName, string>> => {
    const answers = answersIn(await lab.execute(host, question(tools)));
    if (!isWanted) return answers;
    for (const [tool, text] of answers) {
      const key = `${host} ${tool}`;
      if (told.get(key) === text) continue;
      told.set(key, text);
      tell({ host, tool, ...bounded(text) });
    }
    return answers;
  };
  const look = async (): Promise<string> => {
    lookedAtMs = performance.now();
    // One process, where nobody looks.
    if (!isWanted) return lab.execute('client', TOOL_COMMANDS.connections);
    const [client] = await Promise.all(RUN_HOSTS.map((host) => ask(host, SOCKET_TOOLS)));
    tookMs = performance.now() - lookedAtMs;
    return client?.get('connections') ?? '';
  };
  const start = (): Promise<string> => {
    going = look().finally(() => {
      going = null;
    });
    return going;
  };
  const lookAtSockets = (): Promise<string> => {
    if (going === null) return start();
    waiting ??= going
      .catch(() => '')
      .then(() => {
        waiting = null;
        return start();
      });
    return waiting;
  };
  const lookAtSettings = async (): Promise<void> => {
    if (isWanted) await Promise.all(RUN_HOSTS.map((host) => ask(host, SETTING_TOOLS)));
  };

  return {
    want(wanted) {
      if (wanted === isWanted) return;
      isWanted = wanted;
      told = new Map();
      // A lab that ends at this moment has nothing to tell.
      if (wanted) Promise.all([lookAtSettings(), lookAtSockets()]).catch(() => {});
    },
    lookAtSockets,
    lookIfDue(everyMs) {
      if (!isWanted || going !== null) return;
      if (performance.now() < lookedAtMs + Math.max(everyMs, tookMs * REST_FOR_EACH_LOOK)) return;
      lookAtSockets().catch(() => {});
    },
    lookAtSettings,
  };
}

const SOCKET_TOOLS = ['connections', 'subflows'] as const;
const SETTING_TOOLS = ['endpoints', 'limits'] as const;

/** One process enters the host for all tools. A line of its own names what follows it; no tool prints such a line. */
function question(tools: readonly ToolName[]): string {
  return `sh -ec '${tools.map((tool) => `echo @${tool}; ${TOOL_COMMANDS[tool]}`).join('; ')}; echo @'`;
}

function answersIn(text: string): Map<ToolName, string> {
  const found = [...text.matchAll(/^@(\w+)\n(.*?)(?=^@)/gms)];
  return new Map(
    TOOL_NAMES.flatMap((tool): [ToolName, string][] => {
      const answer = found.find(([, name]) => name === tool)?.[2];
      return answer === undefined ? [] : [[tool, answer]];
    }),
  );
}

function bounded(text: string): { text: string; leftOutLines: number } {
  if (Buffer.byteLength(text) <= MAX_TOOL_TEXT_BYTES) return { text, leftOutLines: 0 };
  const head = Buffer.from(text).toString('utf8', 0, MAX_TOOL_TEXT_BYTES);
  const kept = head.slice(0, head.lastIndexOf('\n') + 1);
  return { text: kept, leftOutLines: text.slice(kept.length).split('\n').length - 1 };
}
