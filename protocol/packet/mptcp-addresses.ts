import { ipv4Text, ipv6Text } from './address.ts';
import { hexOf, note, type Part } from './field.ts';
import { type MptcpContent, wrongLength } from './mptcp-option.ts';

const HMAC_BYTES = 8;

/** What an ADD_ADDR of each length holds: no two forms have the same. */
const ADD_ADDR_FORMS: Record<number, { family: 4 | 6; port: boolean; hmac: boolean }> = {
  8: { family: 4, port: false, hmac: false },
  10: { family: 4, port: true, hmac: false },
  16: { family: 4, port: false, hmac: true },
  18: { family: 4, port: true, hmac: true },
  20: { family: 6, port: false, hmac: false },
  22: { family: 6, port: true, hmac: false },
  28: { family: 6, port: false, hmac: true },
  30: { family: 6, port: true, hmac: true },
};

/** RFC 8684, section 3.4.1. In version 0 (RFC 6824, 3.4.1) the IP version stands where version 1 has its flags. */
export function decodeAddAddr(part: Part): MptcpContent {
  const { view } = part;
  const form = ADD_ADDR_FORMS[view.byteLength];
  if (form === undefined) {
    const lengths = Object.keys(ADD_ADDR_FORMS).map(Number);
    return { subtype: 'malformed', name: 'ADD_ADDR', ...wrongLength(lengths, view.byteLength) };
  }
  const low = view.getUint8(2) & 0x0f;
  const version = !form.hmac && low === form.family ? 0 : 1;
  const echo = version === 1 && (low & 0x01) !== 0;
  if (version === 0)
    note(part, 'IP version', 2, 1, low, 'Version 0 of Multipath TCP says here which kind of address follows.', 0x0f);
  else note(part, 'E, echo', 2, 1, echo ? 1 : 0, 'Whether this only confirms that an ADD_ADDR has arrived.', 0x01);

  const addressId = view.getUint8(3);
  const addressBytes = form.family === 4 ? 4 : 16;
  const address = form.family === 4 ? ipv4Text(view, 4) : ipv6Text(view, 4);
  const portAt = 4 + addressBytes;
  note(part, 'Address ID', 3, 1, addressId, 'The number by which later options name this address.');
  note(part, 'Address', 4, addressBytes, address, 'An address at which the sender takes further subflows.');
  const port = form.port ? view.getUint16(portAt) : null;
  if (port !== null)
    note(
      part,
      'Port',
      portAt,
      2,
      port,
      'The port to use at this address; without it, that of the subflow over which this was sent.',
    );
  const hmacAt = portAt + (form.port ? 2 : 0);
  const hmac = form.hmac ? hexOf(part, hmacAt, HMAC_BYTES) : null;
  if (hmac !== null) {
    note(
      part,
      'Truncated HMAC',
      hmacAt,
      HMAC_BYTES,
      hmac,
      'Proof that the sender knows both keys: the rightmost 64 bits of an HMAC.',
    );
  }
  return { subtype: 'ADD_ADDR', version, echo, addressId, address, port, hmac };
}

/** RFC 8684, section 3.4.2. */
export function decodeRemoveAddr(part: Part): MptcpContent {
  const { view } = part;
  if (view.byteLength < 4)
    return { subtype: 'malformed', name: 'REMOVE_ADDR', ...wrongLength([], view.byteLength, 'at least 4') };
  const addressIds = Array.from({ length: view.byteLength - 3 }, (_, index) => view.getUint8(3 + index));
  for (const [index, id] of addressIds.entries()) {
    note(part, 'Address ID', 3 + index, 1, id, 'The address is gone: subflows that use it are to be closed.');
  }
  return { subtype: 'REMOVE_ADDR', addressIds };
}

/** RFC 8684, section 3.3.8; in version 0 an address ID may follow (RFC 6824, 3.3.8). */
export function decodeMpPrio(part: Part): MptcpContent {
  const { view } = part;
  if (view.byteLength !== 3 && view.byteLength !== 4) {
    return { subtype: 'malformed', name: 'MP_PRIO', ...wrongLength([3, 4], view.byteLength, '3, or 4 in version 0') };
  }
  const backup = (view.getUint8(2) & 0x01) !== 0;
  note(part, 'B, backup', 2, 1, backup ? 1 : 0, 'Whether the sender wants data here only when no other subflow works.', 0x01);
  const addressId = view.byteLength === 4 ? view.getUint8(3) : null;
  if (addressId !== null) note(part, 'Address ID', 3, 1, addressId, 'The address whose subflows are meant; version 0 only.');
  return { subtype: 'MP_PRIO', backup, addressId };
}
