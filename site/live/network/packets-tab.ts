import type { FromRunner } from '../../../protocol/message.ts';
import type { PacketsView } from '../packets/packets-view.ts';
import { part } from '../part.ts';

/** The tab of packets. What shows them, and decodes them, is loaded when the tab is opened for the first time. */
export type PacketsTab = {
  /** The tab is in front, or no more. */
  show(isShown: boolean): void;
  hear(event: FromRunner): void;
  packets(frame: { bytes: Uint8Array }): void;
  clear(): void;
};

export function openPacketsTab(section: HTMLElement, wantPackets: () => void): PacketsTab {
  const detail = part(section, '.network-packet', HTMLElement);
  let view: PacketsView | null = null;
  let isLoading = false;
  /** What was heard before the view was there: a recording tells of its packets whether they are looked at or not. */
  let early: ((view: PacketsView) => void)[] = [];

  const load = async (): Promise<void> => {
    const { openPacketsView } = await import('../packets/packets-view.ts');
    const opened = openPacketsView(part(section, '[data-panel=packets]', HTMLElement), detail);
    view = opened;
    for (const tell of early) tell(opened);
    early = [];
  };
  const tell = (act: (view: PacketsView) => void) => {
    if (view === null) early.push(act);
    else act(view);
  };
  const clear = () => {
    early = [];
    view?.clear();
  };

  return {
    show(isShown) {
      section.classList.toggle('network-shows-packets', isShown);
      if (!isShown) return;
      wantPackets();
      if (view !== null || isLoading) return;
      isLoading = true;
      load()
        .catch(console.error)
        .finally(() => {
          isLoading = false;
        });
    },
    hear(event) {
      if (event.type === 'lab-opened' || event.type === 'capture') tell((shown) => shown.hear(event));
    },
    packets: ({ bytes }) => tell((shown) => shown.take(bytes)),
    clear,
  };
}
