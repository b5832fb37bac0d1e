import { RUN_HOSTS, type RunHost } from '../../../protocol/manifest.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { parseSs } from '../../../protocol/ss-text.ts';
import type { ToolName } from '../../../protocol/tool.ts';

/** What the tools of an administrator printed on both hosts, made of the stream of events alone. Pure. */
export type ToolLog = {
  /** When the client was started; times are told from there. */
  startedAtMs: number;
  hosts: Record<RunHost, HostTools>;
};

export type HostTools = {
  texts: Partial<Record<ToolName, KeptText>>;
  /** Of `ip mptcp monitor`, the latest last. */
  monitor: MonitorLine[];
  /** Earlier ones that there was no room for. */
  monitorLeftOut: number;
};

/** `goneAtMs`: from then on there was no socket any more; the text is of the last moment that had one. */
export type KeptText = { text: string; leftOutLines: number; atMs: number; goneAtMs: number | null };

export type MonitorLine = { atMs: number; line: string };

const MAX_MONITOR_LINES = 200;

export function newToolLog(): ToolLog {
  return { startedAtMs: 0, hosts: { client: newHost(), server: newHost() } };
}

/** The log with one more event in it. What it does not know leaves it as it is. */
export function noteTools(log: ToolLog, event: FromRunner): ToolLog {
  switch (event.type) {
    case 'lab-opened':
      return { ...newToolLog(), startedAtMs: event.at };
    case 'run-phase': {
      if (event.phase !== 'running') return log;
      const { [event.host]: tools } = log.hosts;
      const hosts = { ...log.hosts, [event.host]: { ...tools, monitor: [], monitorLeftOut: 0 } };
      return event.host === 'client' ? withoutSockets({ startedAtMs: event.at, hosts }) : { ...log, hosts };
    }
    case 'attempt':
      return withoutSockets({ ...log, startedAtMs: event.at });
    case 'tool-text':
      return withText(log, event);
    case 'mptcp-event': {
      const { [event.host]: tools } = log.hosts;
      const monitor = [...tools.monitor, { atMs: event.at, line: event.line }];
      const excess = Math.max(0, monitor.length - MAX_MONITOR_LINES);
      return withHost(log, event.host, {
        ...tools,
        monitor: monitor.slice(excess),
        monitorLeftOut: tools.monitorLeftOut + excess,
      });
    }
    case 'welcome':
    case 'draining':
    case 'waiting':
    case 'lab-closed':
    case 'conditions':
    case 'run-ended':
    case 'shell-started':
    case 'shell-ended':
    case 'evidence':
    case 'traffic':
    case 'flows':
    case 'capture':
    case 'verdict':
    case 'error':
      return log;
  }
}

function withText(log: ToolLog, { at, host, tool, text, leftOutLines }: Extract<FromRunner, { type: 'tool-text' }>): ToolLog {
  const tools = log.hosts[host];
  const before = tools.texts[tool];
  const isGone = isSocketTool(tool) && parseSs(text).length === 0 && before !== undefined && parseSs(before.text).length > 0;
  const kept = isGone ? { ...before, goneAtMs: at } : { text, leftOutLines, atMs: at, goneAtMs: null };
  return withHost(log, host, { ...tools, texts: { ...tools.texts, [tool]: kept } });
}

export function isSocketTool(tool: ToolName): boolean {
  return tool === 'connections' || tool === 'subflows';
}

/** Those of another run are nobody's business; endpoints and limits stay. */
function withoutSockets(log: ToolLog): ToolLog {
  return RUN_HOSTS.reduce((next, host) => {
    const { connections: _connections, subflows: _subflows, ...texts } = next.hosts[host].texts;
    return withHost(next, host, { ...next.hosts[host], texts });
  }, log);
}

function withHost(log: ToolLog, host: RunHost, tools: HostTools): ToolLog {
  return { ...log, hosts: { ...log.hosts, [host]: tools } };
}

function newHost(): HostTools {
  return { texts: {}, monitor: [], monitorLeftOut: 0 };
}
