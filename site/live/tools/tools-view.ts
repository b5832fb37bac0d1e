import { RUN_HOSTS, type RunHost } from '../../../protocol/manifest.ts';
import type { Topology } from '../../../protocol/topology.ts';
import { element } from '../element.ts';
import { foldouts, place } from './foldouts.ts';
import { rawView } from './raw-view.ts';
import { tableView } from './table-view.ts';
import type { ToolLog } from './tool-log.ts';

/** What `ss` and `ip mptcp` print on both hosts: as tables that are explained, or letter by letter. */
export type ToolsView = { show(log: ToolLog, topology: Topology): void };

const FORMS = ['Table', 'Raw'] as const;

export function openToolsView(panel: HTMLElement): ToolsView {
  const lines = foldouts();
  const body = element('div', 'tool-body');
  let host: RunHost = 'client';
  let form: (typeof FORMS)[number] = 'Table';
  let shown: { log: ToolLog; topology: Topology } | null = null;

  const show = () => {
    if (shown === null) return;
    const { log, topology } = shown;
    place(body, form === 'Table' ? tableView(host, log, topology, lines) : rawView(host, log.hosts[host]));
    lines.sweep();
  };
  const bar = element(
    'div',
    'tool-bar',
    choice('Host', RUN_HOSTS, host, (chosen) => {
      host = chosen;
      show();
    }),
    choice('Form', FORMS, form, (chosen) => {
      form = chosen;
      show();
    }),
  );

  return {
    show(log, topology) {
      shown = { log, topology };
      if (body.parentNode !== panel) panel.replaceChildren(bar, body);
      show();
    },
  };
}

/** One of few, as buttons of which one is pressed. */
function choice<Option extends string>(
  label: string,
  options: readonly Option[],
  first: Option,
  chosen: (option: Option) => void,
): HTMLElement {
  const buttons = options.map((option) => {
    const button = element('button', '', option);
    button.type = 'button';
    button.setAttribute('aria-pressed', String(option === first));
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      chosen(option);
    });
    return button;
  });
  const group = element('div', 'tool-choice', ...buttons);
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', label);
  return group;
}
