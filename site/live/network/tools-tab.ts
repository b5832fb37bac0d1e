import { HOME_TOPOLOGY, type Topology } from '../../../protocol/topology.ts';
import { part } from '../part.ts';
import { newToolLog, type ToolLog } from '../tools/tool-log.ts';
import type { ToolsView } from '../tools/tools-view.ts';

/** The tab of the administrator's tools. What shows and explains their output is loaded when the tab is opened for the first time. */
export type ToolsTab = {
  /** The tab is in front, or no more. */
  open(isInFront: boolean): void;
  show(log: ToolLog, topology: Topology): void;
};

/** The eye follows no more. */
const SHOW_EVERY_MS = 200;

/** @param want called when the tools are to be asked */
export function openToolsTab(section: HTMLElement, want: () => void): ToolsTab {
  const panel = part(section, '[data-panel=sockets]', HTMLElement);
  const empty = [...panel.childNodes];
  let view: Promise<ToolsView> | null = null;
  let log: ToolLog = newToolLog();
  let topology: Topology = HOME_TOPOLOGY;
  let isOpen = false;
  let isDue = false;

  const isEmpty = () => Object.values(log.hosts).every(({ texts, monitor }) => monitor.length + Object.keys(texts).length === 0);
  const draw = () => {
    isDue = false;
    if (!isOpen) return;
    if (isEmpty()) return panel.replaceChildren(...empty);
    view ??= import('../tools/tools-view.ts').then(({ openToolsView }) => openToolsView(panel));
    view.then((opened) => isEmpty() || opened.show(log, topology), console.error);
  };

  return {
    open(isInFront) {
      isOpen = isInFront;
      if (!isOpen) return;
      want();
      draw();
    },
    show(next, of) {
      if (next === log && of === topology) return;
      log = next;
      topology = of;
      if (!isDue) setTimeout(draw, SHOW_EVERY_MS);
      isDue = true;
    },
  };
}
