import { encodeFrame } from '../../protocol/frame.ts';
import type { RunnerEvent } from '../../protocol/message.ts';
import type { CapturedPacket } from '../../protocol/packet/pcap.ts';
import { encodeRecords } from '../../protocol/packet/records.ts';
import {
  type CapturedLab,
  CONTROL_PACKETS_A_RUN,
  DATA_PACKETS_A_LOOK,
  openCapture,
  type PacketCapture,
} from '../evidence/capture.ts';

/** The packets of a session's client, for a page that wants them. Until it does, this costs nothing. */
export type PacketFeed = {
  want(wanted: boolean): void;
  /** From now on packets are those of this lab. */
  enter(lab: CapturedLab): void;
  /** The lab is gone, and its capture with it. */
  leave(): void;
  /** Resolves once no packet of this client's run can be missed; at once when none is wanted. Never rejects. */
  begin(run: number): Promise<void>;
  /** Hands over what is captured already, and captures no more. */
  close(): Promise<void>;
};

export type PacketFeedPlan = {
  now(): number;
  tell(event: RunnerEvent): void;
  sendFrame(frame: Uint8Array<ArrayBuffer>): void;
  /** The capture could not be started; runs go on without it. */
  fail(error: unknown): void;
};

/** Packets wait so long for others to travel with: a connection makes a dozen of them in a few milliseconds. */
const GATHER_MS = 80;
const LIMITS = { control: CONTROL_PACKETS_A_RUN, data: DATA_PACKETS_A_LOOK };

export function packetFeed({ now, tell, sendFrame, fail }: PacketFeedPlan): PacketFeed {
  let isWanted = false;
  let lab: CapturedLab | null = null;
  let capture: Promise<PacketCapture | null> | null = null;
  let run = 0;
  let gathered: CapturedPacket[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasEndTold = false;
  let closed: Promise<void> = Promise.resolve();

  const state = (opened: PacketCapture) => {
    const { limitReached, failed } = opened.kept();
    wasEndTold = limitReached || failed;
    const interfaces = [...opened.interfaces].map(([index, name]) => ({ index, name }));
    const lost = { byKernel: opened.droppedByKernel(), byRecording: 0 };
    tell({ type: 'capture', run, interfaces, limits: LIMITS, limitReached, failed, lost });
  };

  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length > 0) {
      // Control packets and data come by two ways.
      const packets = gathered.sort((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds);
      gathered = [];
      sendFrame(encodeFrame({ kind: 'packets', run, at: now(), bytes: encodeRecords(packets) }));
      // A capture ends a moment after the last packet that it may take.
      timer = setTimeout(send, GATHER_MS);
    }
    void capture?.then((opened) => {
      if (opened === null) return;
      opened.askForDropped();
      const { limitReached, failed } = opened.kept();
      if ((limitReached || failed) && !wasEndTold) state(opened);
    });
  };

  const take = (packet: CapturedPacket) => {
    gathered.push(packet);
    timer ??= setTimeout(send, GATHER_MS);
  };

  const open = (): Promise<PacketCapture | null> | null => {
    if (!isWanted || lab === null) return null;
    capture ??= openIn(lab);
    return capture;
  };

  const openIn = async (entered: CapturedLab): Promise<PacketCapture | null> => {
    try {
      await closed;
      let onDropped = () => {};
      const opened = await openCapture(entered, { onPacket: take, onDropped: () => onDropped() });
      if (lab === entered && isWanted) state(opened);
      onDropped = () => state(opened);
      return opened;
    } catch (error) {
      // A lab that has ended meanwhile needs no capture.
      if (lab === entered) {
        capture = null;
        fail(error);
      }
      return null;
    }
  };

  const close = (): Promise<void> => {
    const closing = capture;
    capture = null;
    if (closing !== null) closed = finish(closing);
    return closed;
  };

  const finish = async (closing: Promise<PacketCapture | null>): Promise<void> => {
    const opened = await closing;
    await opened?.close();
    if (opened?.kept().failed && !wasEndTold) state(opened);
    send();
    clearTimeout(timer);
    timer = undefined;
  };

  return {
    want(wanted) {
      isWanted = wanted;
      if (wanted) void open();
      else void close();
    },
    enter(entered) {
      lab = entered;
      void open();
    },
    leave() {
      lab = null;
      void close();
    },
    async begin(next) {
      await closed;
      const opened = await open();
      // What is left of the run before is told as such.
      send();
      run = next;
      if (!opened) return;
      await opened.begin().then(() => state(opened), fail);
    },
    close() {
      isWanted = false;
      return close();
    },
  };
}
