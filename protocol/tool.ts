/**
 * What an administrator would ask on each host, in the image's own words (ss(8), ip-mptcp(8)). `ip mptcp monitor` is the
 * fifth of them: it goes on printing, and its lines come with the events.
 */
export const TOOL_COMMANDS = {
  connections: 'ss -Mni',
  subflows: 'ss -tni',
  endpoints: 'ip mptcp endpoint show',
  limits: 'ip mptcp limits show',
} as const;

export const MONITOR_COMMAND = 'ip mptcp monitor';

export type ToolName = keyof typeof TOOL_COMMANDS;

export const TOOL_NAMES = ['connections', 'subflows', 'endpoints', 'limits'] as const satisfies ToolName[];

/** Of a longer text as many whole lines are told: a program may hold thousands of sockets. In bytes of UTF-8. */
export const MAX_TOOL_TEXT_BYTES = 16 * 1024;
