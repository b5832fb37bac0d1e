import type { FromRunner } from '../../../protocol/message.ts';
import { trackConnections } from '../../../protocol/packet/connections.ts';
import { proofsOf } from '../../../protocol/packet/proofs.ts';
import { WIRESHARK_FILTER } from '../../../protocol/packet/summary.ts';
import { HOME_TOPOLOGY, type Topology } from '../../../protocol/topology.ts';
import { copyText } from '../clipboard.ts';
import { element } from '../element.ts';
import type { Signal } from '../network/signal.ts';
import type { CaptureState, PacketReel } from '../recording/packet-reel.ts';
import { laddersOf } from './ladder.ts';
import { showLadders } from './ladder-view.ts';
import { missingWords } from './missing-words.ts';
import { showPacket } from './packet-detail.ts';
import { openPacketList } from './packet-list.ts';
import { captureFile, inFull, packetStore, type StoredPacket } from './packet-store.ts';
import { type Interfaces, tellEnds, tellPacket } from './packet-words.ts';
import { showProofs } from './proofs-view.ts';
import { type ReelPackets, reelPackets } from './reel-packets.ts';
import { wireSignals } from './wire-signals.ts';

/** The packets of the client's run: the list, one of them byte by byte, the handshakes, and the arithmetic of the keys. */
export type PacketsView = {
  hear(event: FromRunner): void;
  take(records: Uint8Array): void;
  /** Shows the packets of a tape as of a moment, in place of those that were heard; null ends that. */
  look(reel: PacketReel | null, atMs: number): void;
  clear(): void;
};

/** The eye follows no more; what is seen of many packets is made anew each time. */
const SHOW_EVERY_MS = 200;
const FILE_NAME = 'hello-mptcp.pcap';

/**
 * @param panel where the list goes; what is in it is shown as long as there are no packets
 * @param detail where the rest goes
 * @param seen told what the hosts signal each other by the packets that are shown
 */
export function openPacketsView(panel: HTMLElement, detail: HTMLElement, seen: (signals: Signal[]) => void): PacketsView {
  const store = packetStore();
  const empty = [...panel.childNodes];
  let capture: CaptureState | null = null;
  let topology: Topology = HOME_TOPOLOGY;
  let looked: { reel: PacketReel; packets: ReelPackets; atMs: number } | null = null;
  let shown: StoredPacket[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shownAtMs = Number.NEGATIVE_INFINITY;

  const captureNow = () => (looked === null ? capture : looked.reel.capture);
  const topologyNow = () => (looked === null ? topology : looked.reel.topology);
  const interfaces = (): Interfaces => captureNow()?.interfaces ?? [];
  const tell = (packet: StoredPacket) =>
    tellPacket(packet.decoded, shown[0]?.timeMs ?? packet.timeMs, interfaces(), topologyNow());
  const look = (packet: StoredPacket) => {
    const { flags, toward, link } = tell(packet);
    const via = link === null ? '' : ` over ${link.title}`;
    chosen.replaceChildren(...showPacket(inFull(packet), `${flags} ${toward}${via}: ${tellEnds(packet.decoded)}`));
  };
  const list = openPacketList(look);
  const chosen = region('packet-chosen', 'Packet');
  const handshakes = region('packet-ladders', 'Handshakes');
  const arithmetic = region('packet-arithmetic', 'Arithmetic');
  const count = element('p', 'packet-note');
  const limits = element('p', 'packet-note');
  const bar = element('div', 'packet-bar', count, downloadButton(), ...filterWords());
  const heads = element(
    'div',
    'packet-heads',
    ...['ms', '', '', 'flags', 'data', 'Multipath TCP'].map((head) => element('span', '', head)),
  );
  heads.setAttribute('aria-hidden', 'true');
  detail.replaceChildren(titled('Packet', chosen), titled('Handshakes', handshakes), titled('The arithmetic', arithmetic));

  function region(className: string, label: string): HTMLElement {
    const made = element('div', className);
    made.setAttribute('role', 'region');
    made.setAttribute('aria-label', label);
    return made;
  }

  function downloadButton(): HTMLElement {
    const button = element('button', 'packet-button', 'Download');
    button.type = 'button';
    button.title = `${FILE_NAME}, for Wireshark and tshark`;
    button.addEventListener('click', () => {
      const address = URL.createObjectURL(new Blob([captureFile(shown)], { type: 'application/vnd.tcpdump.pcap' }));
      const link = element('a', '');
      link.href = address;
      link.download = FILE_NAME;
      link.click();
      URL.revokeObjectURL(address);
    });
    return button;
  }

  function filterWords(): HTMLElement[] {
    const button = element('button', 'packet-button', 'Copy filter');
    button.type = 'button';
    button.addEventListener('click', () => copyText(WIRESHARK_FILTER).catch(console.error));
    return [button, element('p', 'packet-note', 'Filter for Wireshark: ', element('code', '', WIRESHARK_FILTER))];
  }

  const show = () => {
    clearTimeout(timer);
    timer = undefined;
    shownAtMs = performance.now();
    const packets = looked === null ? store.packets() : looked.packets.until(looked.atMs);
    shown = packets;
    const controls = packets.filter(({ control }) => control).map((packet) => packet.decoded);
    seen(wireSignals(controls, interfaces(), topologyNow()));
    detail.hidden = packets.length === 0;
    if (packets.length === 0) {
      for (const part of [chosen, handshakes, arithmetic]) part.replaceChildren();
      list.show([], [], topology);
      const isYetToCome = looked !== null && looked.reel.batches.length > 0;
      return panel.replaceChildren(...(isYetToCome ? [element('p', 'network-empty', NOTHING_YET)] : empty));
    }
    if (list.element.parentNode !== panel) panel.replaceChildren(bar, heads, list.element, limits);
    if (!list.show(packets, interfaces(), topologyNow())) chosen.replaceChildren();
    count.textContent = packets.length === 1 ? 'One packet' : `${packets.length} packets`;
    limits.textContent = missingWords(captureNow(), packets, (looked?.packets ?? store).dropped());
    if (chosen.childElementCount === 0)
      chosen.append(element('p', 'packet-note', 'Choose a packet: its bytes are explained here.'));

    const decoded = packets.map((packet) => packet.decoded);
    const traffic = trackConnections(decoded);
    const ladders = laddersOf(traffic, (packet) => packets[packet]?.control ?? false);
    handshakes.replaceChildren(
      ...showLadders(ladders, packets, tell, (packet) => {
        list.select(packet);
        look(packet);
      }),
    );
    showArithmetic(traffic.connections.slice(0, MAX_CONNECTIONS).flatMap((connection) => proofsOf(connection, decoded)));
  };

  /** What the visitor has opened stays open. */
  function showArithmetic(proofs: ReturnType<typeof proofsOf>): void {
    const open = [...arithmetic.querySelectorAll('details')].map((details) => details.open);
    arithmetic.replaceChildren(...showProofs(proofs));
    for (const [index, details] of arithmetic.querySelectorAll('details').entries()) details.open = open[index] ?? false;
    if (proofs.length === 0) arithmetic.append(element('p', 'packet-note', 'No keys were seen: nothing can be recomputed.'));
  }

  const showSoon = () => {
    timer ??= setTimeout(show, Math.max(0, shownAtMs + SHOW_EVERY_MS - performance.now()));
  };
  const clear = () => {
    store.clear();
    chosen.replaceChildren();
    show();
  };

  return {
    hear(event) {
      if (event.type === 'lab-opened') {
        topology = event.topology;
        capture = null;
        clear();
      }
      if (event.type !== 'capture') return;
      // The packets that follow are those of another run.
      if (event.run !== capture?.run) clear();
      capture = event;
      showSoon();
    },
    take(records) {
      store.take(records);
      showSoon();
    },
    look(reel, atMs) {
      if (reel === null && looked === null) return;
      const isSame = reel !== null && looked?.reel === reel;
      if (reel === null) looked = null;
      else looked = { reel, atMs, packets: isSame && looked !== null ? looked.packets : reelPackets(reel) };
      const isSeen = isSame && looked?.packets.until(atMs).length === shown.length;
      if (!isSeen || timer !== undefined) showSoon();
    },
    clear() {
      capture = null;
      clear();
    },
  };
}

const NOTHING_YET = 'No packet was captured until this moment.';

/** The arithmetic of more connections says nothing new. */
const MAX_CONNECTIONS = 4;

function titled(title: string, content: HTMLElement): HTMLElement {
  return element('div', 'packet-part', element('p', 'packet-head', title), content);
}
