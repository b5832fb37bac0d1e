import type { RunHost } from '../../../protocol/manifest.ts';
import { MONITOR_COMMAND, TOOL_COMMANDS, TOOL_NAMES } from '../../../protocol/tool.ts';
import { copyText } from '../clipboard.ts';
import { element } from '../element.ts';
import type { HostTools } from './tool-log.ts';

/** What each tool printed on a host, letter by letter. */
export function rawView(host: RunHost, { texts, monitor, monitorLeftOut }: HostTools): HTMLElement[] {
  const told = TOOL_NAMES.flatMap((tool) => {
    const kept = texts[tool];
    return kept === undefined ? [] : [rawText(host, TOOL_COMMANDS[tool], kept.text, leftOut(kept.leftOutLines, 'more'))];
  });
  const lines = monitor.map(({ line }) => `${line}\n`).join('');
  return [...told, rawText(host, MONITOR_COMMAND, lines, leftOut(monitorLeftOut, 'earlier'))];
}

const leftOut = (lines: number, which: 'more' | 'earlier') =>
  lines === 0 ? '' : `${lines} ${which} ${lines === 1 ? 'line is' : 'lines are'} left out here.`;

function rawText(host: RunHost, command: string, text: string, note: string): HTMLElement {
  const copy = element('button', 'tool-copy', 'Copy');
  copy.type = 'button';
  copy.setAttribute('aria-label', `Copy the output of ${command}`);
  copy.addEventListener('click', () => copyText(text).catch(console.error));
  const output = element('pre', 'tool-raw', text === '' ? '' : text);
  output.tabIndex = 0;
  output.setAttribute('role', 'region');
  output.setAttribute('aria-label', `${command} on the ${host}`);
  return element(
    'div',
    'tool-part',
    element('p', 'tool-head', element('code', '', `$ ${command}`), ...(text === '' ? [] : [copy])),
    ...(text === '' ? [element('p', 'tool-note', 'It printed nothing.')] : [output]),
    ...(note === '' ? [] : [element('p', 'tool-note', note)]),
  );
}
