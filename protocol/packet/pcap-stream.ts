import { type CapturedPacket, FILE_HEADER_BYTES, type FileHeader, readFileHeader, readPacket } from './pcap.ts';

/** What arrives of a capture file that is still being written. */
export type PcapListener = {
  onHeader(header: FileHeader): void;
  /** The packet's bytes are its own copy. */
  onPacket(packet: CapturedPacket): void;
  /** The bytes are no capture, or one that is damaged: nothing that follows is read. */
  onDamaged(what: string): void;
};

/** Cuts a capture that comes in chunks into packets, however the chunks fall. It holds back one packet at most. */
export function pcapStream({ onHeader, onPacket, onDamaged }: PcapListener): (chunk: Uint8Array) => void {
  let pending = new Uint8Array(0);
  let header: FileHeader | null = null;
  let damaged = false;
  const giveUp = (what: string) => {
    damaged = true;
    pending = new Uint8Array(0);
    onDamaged(what);
  };

  return (chunk) => {
    if (damaged) return;
    pending = joined(pending, chunk);
    let offset = 0;
    if (header === null) {
      if (pending.length < FILE_HEADER_BYTES) return;
      header = readFileHeader(pending);
      if (header === null) return giveUp('Expected the header of a capture file, found other bytes');
      offset = FILE_HEADER_BYTES;
      onHeader(header);
    }
    for (;;) {
      const read = readPacket(pending, offset, header);
      if (read === 'damaged') return giveUp('Expected the header of a packet, found other bytes');
      if (read === 'incomplete') break;
      onPacket({ ...read.packet, bytes: read.packet.bytes.slice() });
      offset = read.next;
    }
    pending = pending.slice(offset);
  };
}

function joined(first: Uint8Array<ArrayBuffer>, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
