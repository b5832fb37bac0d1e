import type { FromRunner } from '../../../protocol/message.ts';
import type { PacketsView } from '../packets/packets-view.ts';
import { part } from '../part.ts';
import type { PacketReel } from '../recording/packet-reel.ts';
import type { Signal } from './signal.ts';

/** The tab of packets. What shows them, and decodes them, is loaded when the tab is opened for the first time. */
export type PacketsTab = {
  /** The tab is in front, or no more. */
  show(isShown: boolean): void;
  hear(event: FromRunner): void;
  take(frame: { bytes: Uint8Array }): void;
  /** Shows the packets of a tape as of a moment, in place of those that were heard; null ends that. */
  look(reel: PacketReel | null, atMs: number): void;
  clear(): void;
};

export function openPacketsTab(section: HTMLElement, wantPackets: () => void, seen: (signals: Signal[]) => void): PacketsTab {
  const detail = part(section, '.network-packet', HTMLElement);
  let view: PacketsView | null = null;
  let isLoading = false;
  /** What was heard before the view was there: packets may be on their way while it is loaded. */
  let early: ((view: PacketsView) => void)[] = [];
  let looked: { reel: PacketReel | null; atMs: number } = { reel: null, atMs: 0 };

  const load = async (): Promise<void> => {
    const { openPacketsView } = await import('../packets/packets-view.ts');
    const opened = openPacketsView(part(section, '[data-panel=packets]', HTMLElement), detail, seen);
    view = opened;
    for (const tell of early) tell(opened);
    early = [];
    opened.look(looked.reel, looked.atMs);
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
    take: ({ bytes }) => tell((shown) => shown.take(bytes)),
    look(reel, atMs) {
      looked = { reel, atMs };
      view?.look(reel, atMs);
    },
    clear,
  };
}
