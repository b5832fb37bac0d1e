import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePacket } from './decode.ts';
import { ACK, packetWithOptions, RST, SYN } from './test-captures.ts';

/** All options of a TCP header that has these bytes as options. */
function decode(options: string, flags = ACK) {
  const { packet, linkType } = packetWithOptions(options, flags);
  const { mptcp, faults, fields } = decodePacket(packet, linkType);
  const contents = mptcp.map(({ from, to, ...content }) => {
    assert.ok(from >= 40 && to <= packet.bytes.length && from < to);
    return content;
  });
  return { contents, faults, fields };
}

const KEY_A = '0102030405060708';
const KEY_B = 'a1a2a3a4a5a6a7a8';
const ALL_FLAGS = { checksumRequired: true, extensibility: false, noMoreSubflows: true, hmacSha256: true };
const NO_FLAGS = { checksumRequired: false, extensibility: false, noMoreSubflows: false, hmacSha256: true };
const V0_FLAGS = { ...NO_FLAGS, hmacSha256: false };
const base = { subtype: 'MP_CAPABLE', version: 1, flags: NO_FLAGS };

const FORMS: [name: string, options: string, flags: number, content: object][] = [
  ['MP_CAPABLE in a SYN', '1e040101', SYN, { ...base, form: 'syn' }],
  ['MP_CAPABLE with all flags', '1e0401a1', SYN, { ...base, flags: ALL_FLAGS, form: 'syn' }],
  ['MP_CAPABLE in a SYN+ACK', `1e0c0101${KEY_B}`, SYN | ACK, { ...base, form: 'syn-ack', senderKey: KEY_B }],
  ['MP_CAPABLE in an ACK', `1e140101${KEY_A}${KEY_B}`, ACK, { ...base, form: 'ack', senderKey: KEY_A, receiverKey: KEY_B }],
  [
    'MP_CAPABLE with data',
    `1e160101${KEY_A}${KEY_B}0010`,
    ACK,
    { ...base, form: 'data', senderKey: KEY_A, receiverKey: KEY_B, dataLength: 16, checksum: null },
  ],
  [
    'MP_CAPABLE with data and checksum',
    `1e180101${KEY_A}${KEY_B}0010beef`,
    ACK,
    { ...base, form: 'data', senderKey: KEY_A, receiverKey: KEY_B, dataLength: 16, checksum: 0xbeef },
  ],
  [
    'MP_CAPABLE version 0 in a SYN',
    `1e0c0001${KEY_A}`,
    SYN,
    { ...base, version: 0, flags: V0_FLAGS, form: 'syn', senderKey: KEY_A },
  ],
  [
    'MP_CAPABLE version 0 in a SYN+ACK',
    `1e0c0001${KEY_B}`,
    SYN | ACK,
    { ...base, version: 0, flags: V0_FLAGS, form: 'syn-ack', senderKey: KEY_B },
  ],
  [
    'MP_CAPABLE version 0 in an ACK',
    `1e140001${KEY_A}${KEY_B}`,
    ACK,
    { ...base, version: 0, flags: V0_FLAGS, form: 'ack', senderKey: KEY_A, receiverKey: KEY_B },
  ],
  ['MP_CAPABLE of a version to come', '1e050201ff', SYN, { ...base, version: 2, form: 'other-version', content: 'ff' }],
  [
    'MP_JOIN in a SYN',
    '1e0c1103c0ffee0100000001',
    SYN,
    { subtype: 'MP_JOIN', form: 'syn', backup: true, addressId: 3, receiverToken: 'c0ffee01', senderRandom: '00000001' },
  ],
  [
    'MP_JOIN in a SYN+ACK',
    '1e101000112233445566778800000002',
    SYN | ACK,
    {
      subtype: 'MP_JOIN',
      form: 'syn-ack',
      backup: false,
      addressId: 0,
      truncatedHmac: '1122334455667788',
      senderRandom: '00000002',
    },
  ],
  ['MP_JOIN in an ACK', `1e181000${'ab'.repeat(20)}`, ACK, { subtype: 'MP_JOIN', form: 'ack', hmac: 'ab'.repeat(20) }],
  [
    'DSS with a short acknowledgment',
    '1e08200100000007',
    ACK,
    { subtype: 'DSS', dataFin: false, dataAck: { value: 7n, bytes: 4 }, mapping: null },
  ],
  [
    'DSS with a long acknowledgment',
    '1e0c2003ffffffffffffffff',
    ACK,
    { subtype: 'DSS', dataFin: false, dataAck: { value: 2n ** 64n - 1n, bytes: 8 }, mapping: null },
  ],
  [
    'DSS with a short mapping',
    '1e0e200400000001000000020003',
    ACK,
    {
      subtype: 'DSS',
      dataFin: false,
      dataAck: null,
      mapping: { dataSequence: 1n, bytes: 4, subflowSequence: 2, length: 3, checksum: null },
    },
  ],
  [
    'DSS with all long, checksum and DATA_FIN',
    '1e1c201f00000000000000060000000000000001000000020003cafe',
    ACK,
    {
      subtype: 'DSS',
      dataFin: true,
      dataAck: { value: 6n, bytes: 8 },
      mapping: { dataSequence: 1n, bytes: 8, subflowSequence: 2, length: 3, checksum: 0xcafe },
    },
  ],
  ['DSS with nothing', '1e042000', ACK, { subtype: 'DSS', dataFin: false, dataAck: null, mapping: null }],
  ['MP_PRIO', '1e0351', ACK, { subtype: 'MP_PRIO', backup: true, addressId: null }],
  ['MP_PRIO version 0', '1e045009', ACK, { subtype: 'MP_PRIO', backup: false, addressId: 9 }],
  ['REMOVE_ADDR of one', '1e044005', ACK, { subtype: 'REMOVE_ADDR', addressIds: [5] }],
  ['REMOVE_ADDR of three', '1e0640010203', ACK, { subtype: 'REMOVE_ADDR', addressIds: [1, 2, 3] }],
  ['MP_FAIL', '1e0c60000000000000000009', ACK, { subtype: 'MP_FAIL', dataSequence: 9n }],
  ['MP_FASTCLOSE', `1e0c7000${KEY_A}`, RST, { subtype: 'MP_FASTCLOSE', receiverKey: KEY_A }],
  ['MP_TCPRST', '1e048106', RST, { subtype: 'MP_TCPRST', transient: true, reason: 6, reasonName: 'Middlebox interference' }],
  [
    'MP_TCPRST with a reason to come',
    '1e048063',
    RST,
    { subtype: 'MP_TCPRST', transient: false, reason: 99, reasonName: 'Not assigned' },
  ],
  ['MP_EXPERIMENTAL', '1e05f1abcd', ACK, { subtype: 'MP_EXPERIMENTAL', content: '1abcd' }],
  ['a subtype that is not assigned', '1e0490aa', ACK, { subtype: 'unknown', number: 9, content: '0aa' }],
];

for (const [name, options, flags, content] of FORMS) {
  test(`${name} is decoded`, () => {
    const { contents, faults } = decode(options, flags);
    assert.deepEqual(faults, []);
    assert.deepEqual(contents, [content]);
  });
}

test('ADD_ADDR is decoded with and without port, HMAC and echo, in both families and versions', () => {
  for (const [address, digits] of [
    ['10.0.9.2', '0a000902'],
    ['fd00:9::2', 'fd000009000000000000000000000002'],
  ]) {
    for (const port of [null, 5005]) {
      for (const hmac of [null, '1122334455667788']) {
        for (const echo of [false, true]) {
          const body = `3${Number(echo)}07${digits}${port === null ? '' : '138d'}${hmac ?? ''}`;
          const options = `1e${(body.length / 2 + 2).toString(16).padStart(2, '0')}${body}`;
          const content = { subtype: 'ADD_ADDR', version: 1, echo, addressId: 7, address, port, hmac };
          assert.deepEqual(decode(options).contents, [content]);
        }
      }
    }
  }
  const version0 = { subtype: 'ADD_ADDR', version: 0, echo: false, addressId: 7, address: '10.0.9.2', port: null, hmac: null };
  assert.deepEqual(decode('1e0834070a000902').contents, [version0]);
});

test('several options of one header are decoded in order', () => {
  const { contents } = decode('1e0820010000000701011e0351');
  assert.deepEqual(
    contents.map(({ subtype }) => subtype),
    ['DSS', 'MP_PRIO'],
  );
});

const MALFORMED: [options: string, flags: number, name: string, expected: RegExp, found: RegExp][] = [
  ['1e040101', SYN | ACK, 'MP_CAPABLE', /a length of 12 in a SYN\+ACK/, /^4$/],
  [`1e0c0101${KEY_A}`, SYN, 'MP_CAPABLE', /a length of 4 in a SYN/, /^12$/],
  ['1e0301', SYN, 'MP_CAPABLE', /a length of 4 or 12 or/, /^3$/],
  ['1e040001', SYN, 'MP_CAPABLE version 0', /a length of 12 in a SYN/, /^4$/],
  ['1e081000c0ffee01', SYN, 'MP_JOIN', /a length of 12 in a SYN/, /^8$/],
  [`1e0c1000${KEY_A}`, ACK, 'MP_JOIN', /a length of 24 after the SYN/, /^12$/],
  ['1e042001', ACK, 'DSS', /a length of 8 for these flags/, /^4$/],
  ['1e0f20040000000100000002000300', ACK, 'DSS', /a length of 14 or 16 for these flags/, /^15$/],
  ['1e03200', ACK, 'DSS', /a length of at least 4/, /^3$/],
  ['1e0930070a00090212', ACK, 'ADD_ADDR', /a length of 8 or 10 or 16 or/, /^9$/],
  ['1e0340', ACK, 'REMOVE_ADDR', /a length of at least 4/, /^3$/],
  ['1e055100aa', ACK, 'MP_PRIO', /a length of 3, or 4 in version 0/, /^5$/],
  ['1e046000', ACK, 'MP_FAIL', /a length of 12/, /^4$/],
  ['1e047000', RST, 'MP_FASTCLOSE', /a length of 12/, /^4$/],
  ['1e0380', RST, 'MP_TCPRST', /a length of 4/, /^3$/],
  ['1e02', ACK, 'Multipath TCP option', /a length of at least 3/, /^2$/],
  ['1e14200100000007', ACK, 'Multipath TCP option', /a length of 3 to 8/, /^a length of 20$/],
  ['1e012001', ACK, 'Multipath TCP option', /a length of 3 to 4/, /^a length of 1$/],
  ['0101011e', ACK, 'Multipath TCP option', /a length of 3 to 1/, /^the end of the header$/],
];

for (const [options, flags, name, expected, found] of MALFORMED) {
  test(`${name} of ${options.length / 2} bytes, ${options}, is named as malformed`, () => {
    const { contents, faults } = decode(options, flags);
    const [malformed] = contents;
    assert.ok(
      malformed?.subtype === 'malformed',
      JSON.stringify(contents, (_, value) => String(value)),
    );
    assert.equal(malformed.name, name);
    assert.match(malformed.expected, expected);
    assert.match(malformed.found, found);
    assert.equal(faults.length, 1);
  });
}

test('what follows a malformed option is decoded all the same', () => {
  assert.deepEqual(
    decode('1e0460001e0351').contents.map(({ subtype }) => subtype),
    ['malformed', 'MP_PRIO'],
  );
});

test('flags of a byte are told apart by their bits', () => {
  const { fields } = decode('1e040181', SYN);
  const flag = (start: string) => fields.find(({ name, layer }) => layer === 'mptcp' && name.startsWith(start));
  assert.deepEqual([flag('A,')?.value, flag('A,')?.mask], ['1', 0x80]);
  assert.deepEqual([flag('C,')?.value, flag('C,')?.mask], ['0', 0x20]);
  assert.deepEqual([flag('H,')?.value, flag('H,')?.mask], ['1', 0x01]);
});
