/** A Multipath TCP option (RFC 8684, section 3). `from` and `to` are its byte offsets in the packet. */
export type MptcpOption = { from: number; to: number } & MptcpContent;

/** Keys, tokens, random numbers and HMACs are hexadecimal digits; data sequence numbers are numbers, cut off as on the wire. */
export type MptcpContent =
  | MpCapable
  | MpJoin
  | Dss
  | AddAddr
  | { subtype: 'REMOVE_ADDR'; addressIds: number[] }
  /** `addressId` only in version 0. */
  | { subtype: 'MP_PRIO'; backup: boolean; addressId: number | null }
  | { subtype: 'MP_FAIL'; dataSequence: bigint }
  | { subtype: 'MP_FASTCLOSE'; receiverKey: string }
  | { subtype: 'MP_TCPRST'; transient: boolean; reason: number; reasonName: string }
  | { subtype: 'MP_EXPERIMENTAL'; content: string }
  | { subtype: 'unknown'; number: number; content: string }
  | { subtype: 'malformed'; name: string; expected: string; found: string };

export type CapableFlags = { checksumRequired: boolean; extensibility: boolean; noMoreSubflows: boolean; hmacSha256: boolean };

/** RFC 8684, section 3.1; version 0 is RFC 6824. */
export type MpCapable = { subtype: 'MP_CAPABLE' } & (
  | { version: 1; flags: CapableFlags; form: 'syn' }
  | { version: 1; flags: CapableFlags; form: 'syn-ack'; senderKey: string }
  | { version: 1; flags: CapableFlags; form: 'ack'; senderKey: string; receiverKey: string }
  | {
      version: 1;
      flags: CapableFlags;
      form: 'data';
      senderKey: string;
      receiverKey: string;
      dataLength: number;
      checksum: number | null;
    }
  | { version: 0; flags: CapableFlags; form: 'syn'; senderKey: string }
  | { version: 0; flags: CapableFlags; form: 'syn-ack'; senderKey: string }
  | { version: 0; flags: CapableFlags; form: 'ack'; senderKey: string; receiverKey: string }
  | { version: number; flags: CapableFlags; form: 'other-version'; content: string }
);

/** RFC 8684, section 3.2. */
export type MpJoin = { subtype: 'MP_JOIN' } & (
  | { form: 'syn'; backup: boolean; addressId: number; receiverToken: string; senderRandom: string }
  | { form: 'syn-ack'; backup: boolean; addressId: number; truncatedHmac: string; senderRandom: string }
  | { form: 'ack'; hmac: string }
);

/** RFC 8684, section 3.3. `bytes` is how much of a number of 64 bits is on the wire: the lower half, or all. */
export type Dss = {
  subtype: 'DSS';
  dataFin: boolean;
  dataAck: { value: bigint; bytes: 4 | 8 } | null;
  mapping: DssMapping | null;
};

export type DssMapping = {
  dataSequence: bigint;
  bytes: 4 | 8;
  /** Relative to the first one of the subflow. */
  subflowSequence: number;
  /** 0 without DATA_FIN is the infinite mapping of a fallback (section 3.7). */
  length: number;
  checksum: number | null;
};

/** RFC 8684, section 3.4.1. */
export type AddAddr = {
  subtype: 'ADD_ADDR';
  version: 0 | 1;
  echo: boolean;
  addressId: number;
  address: string;
  port: number | null;
  hmac: string | null;
};

/** `expected` and `found` of an option whose length is not one of its forms. */
export function wrongLength(
  lengths: number[],
  found: number,
  expected = lengths.join(' or '),
): { expected: string; found: string } {
  return { expected: `a length of ${expected}`, found: `${found}` };
}
