import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePacket } from './decode.ts';
import { fromHex, hex } from './hex.ts';
import { LINK_TYPES } from './pcap.ts';
import { packetWithOptions } from './test-captures.ts';

const SYN = 0x02;
const MAC = '020000000001';

function decode(digits: string, linkType: number) {
  const bytes = fromHex(digits);
  return decodePacket({ seconds: 0, nanoseconds: 0, wireBytes: bytes.length, bytes }, linkType);
}

/** A SYN with MP_CAPABLE: the whole IPv4 packet, and its TCP header alone. */
const IPV4 = hex(packetWithOptions('1e040101', SYN).packet.bytes);
const TCP = IPV4.slice(40);

/** IPv6 from fd00::1 to fd00::2, whose payload begins with a header of this number. */
function ipv6(next: number, payload: string, length = payload.length / 2): string {
  const word = (value: number, bytes: number) => value.toString(16).padStart(2 * bytes, '0');
  return `60000000${word(length, 2)}${word(next, 1)}40fd${'0'.repeat(28)}01fd${'0'.repeat(28)}02${payload}`;
}

test('an Ethernet header is read, with and without a VLAN tag', () => {
  for (const between of ['', '8100002a']) {
    const { tcp, mptcp, link } = decode(`${MAC}020000000002${between}0800${IPV4}`, LINK_TYPES.ethernet);
    assert.ok(link?.kind === 'ethernet');
    assert.equal(link.destination, '02:00:00:00:00:01');
    assert.equal(tcp?.destinationPort, 8262);
    assert.equal(mptcp[0]?.subtype, 'MP_CAPABLE');
  }
});

test('a Linux cooked header tells the interface and the direction', () => {
  for (const [type, direction] of [
    ['00', 'received'],
    ['04', 'sent'],
    ['03', null],
    ['09', null],
  ]) {
    const decoded = decode(`0800000000000007${'0001'}${type}06${MAC}0000${IPV4}`, LINK_TYPES.linuxCooked2);
    assert.ok(decoded.link?.kind === 'linux-cooked');
    assert.equal(decoded.link.interfaceIndex, 7);
    assert.equal(decoded.direction, direction);
    assert.equal(decoded.mptcp.length, 1);
  }
});

test('IPv6 extension headers are passed by, each by its own length', () => {
  const options = `06000104000000${'00'}`;
  const routing = `3c010000${'00'.repeat(12)}`;
  const authentication = `0604${'00'.repeat(22)}`;
  const fragment = `06000000${'00'.repeat(4)}`;
  for (const [next, extensions] of [
    [60, options],
    [43, routing + options],
    [51, authentication],
    [44, fragment],
  ] as const) {
    const { tcp, ip, faults } = decode(ipv6(next, extensions + TCP), LINK_TYPES.raw);
    assert.deepEqual(faults, []);
    assert.deepEqual([ip?.source, ip?.destination, ip?.protocol], ['fd00::1', 'fd00::2', 6]);
    assert.equal(tcp?.destinationPort, 8262, `next header ${next}`);
    assert.equal(tcp?.from, 40 + extensions.length / 2);
  }
});

test('a fragment that is not the first has no TCP header', () => {
  const { tcp, faults } = decode(ipv6(44, `06000008${'00'.repeat(4)}${TCP}`), LINK_TYPES.raw);
  assert.equal(tcp, null);
  assert.deepEqual(faults, []);
  const ipv4 = fromHex(IPV4);
  ipv4[7] = 1;
  assert.equal(decode(hex(ipv4), LINK_TYPES.raw).tcp, null);
});

test('padding of the link behind a packet is no data', () => {
  const { payload } = decode(`${MAC}0200000000020800${IPV4}${'ff'.repeat(12)}`, LINK_TYPES.ethernet);
  assert.deepEqual(payload, { bytes: 0, from: 58, to: 58 });
});

test('headers that cannot be are named, with what was expected and what was found', () => {
  const bad = fromHex(IPV4);
  const faultOf = (digits: string, linkType: number = LINK_TYPES.raw) =>
    decode(digits, linkType).faults.map(({ name, expected, found }) => [name, expected, found]);
  bad[0] = 0x44;
  assert.deepEqual(faultOf(hex(bad)), [['IPv4 header', 'version 4 and a length of at least 20', 'version 4 and a length of 16']]);
  bad[0] = 0x4f;
  assert.deepEqual(faultOf(hex(bad)), [['IPv4 header', '60 bytes', '44 in the capture']]);
  assert.deepEqual(faultOf(IPV4.slice(0, 60)), [['TCP header', '20 bytes', '10 in the capture']]);
  const short = fromHex(IPV4);
  short[32] = 0x40;
  assert.deepEqual(faultOf(hex(short)), [['Data offset', 'at least 20 bytes', '16']]);
  assert.deepEqual(faultOf('0011', LINK_TYPES.ethernet), [['Ethernet header', '14 bytes', '2']]);
  assert.deepEqual(faultOf('0011', 147), [['link type', 'Ethernet (1), raw IP (101) or Linux cooked v2 (276)', '147']]);
});

test('an address is written as RFC 5952 wants it', () => {
  const source = (digits: string) => decode(ipv6(6, TCP).replace(/^(.{16}).{32}/, `$1${digits}`), LINK_TYPES.raw).ip?.source;
  assert.equal(source('20010db8000000000001000000000001'), '2001:db8::1:0:0:1');
  assert.equal(source('20010db8000000010001000100010001'), '2001:db8:0:1:1:1:1:1');
  assert.equal(source('00000000000000000000000000000001'), '::1');
  assert.equal(source('00000000000000000000000000000000'), '::');
  assert.equal(source('20010db8000000000000000000000000'), '2001:db8::');
});
