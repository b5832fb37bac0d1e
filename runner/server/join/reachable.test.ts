import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invitationLines } from './invitation.ts';
import { reachableAt } from './reachable.ts';

type Address = { address: string; family: 'IPv4' | 'IPv6'; internal: boolean };
const address = (entry: Address) =>
  entry.family === 'IPv6'
    ? { ...entry, family: entry.family, netmask: '', mac: '', cidr: null, scopeid: 0 }
    : { ...entry, family: entry.family, netmask: '', mac: '', cidr: null };
const INTERFACES = {
  lo: [
    address({ address: '127.0.0.1', family: 'IPv4', internal: true }),
    address({ address: '::1', family: 'IPv6', internal: true }),
  ],
  eth0: [
    address({ address: 'fe80::1', family: 'IPv6', internal: false }),
    address({ address: '2001:db8::7', family: 'IPv6', internal: false }),
    address({ address: '192.0.2.7', family: 'IPv4', internal: false }),
  ],
};

for (const [place, expected] of [
  [{ host: '0.0.0.0', port: 8262, publicOrigins: [] }, ['http://192.0.2.7:8262/']],
  [{ host: '::', port: 8262, publicOrigins: [] }, ['http://192.0.2.7:8262/', 'http://[2001:db8::7]:8262/']],
  [{ host: '192.0.2.7', port: 80, publicOrigins: [] }, ['http://192.0.2.7:80/']],
  [{ host: '127.0.0.1', port: 8262, publicOrigins: ['https://mptcp.example'] }, ['https://mptcp.example/']],
] as const) {
  test(`listening on ${place.host} ${place.publicOrigins.join()}, others open ${expected.join(' or ')}`, () =>
    assert.deepEqual(reachableAt({ ...place, publicOrigins: [...place.publicOrigins] }, INTERFACES), expected));
}

test('the QR code is for terminals, all lines as wide as the first', () => {
  const invitation = { code: 'K7Q-M4T-XP9', links: ['http://192.0.2.7:8262/?join=abcdefghijklmnopqrstuv'] };
  assert.deepEqual(invitationLines(invitation, false), [
    'To join, open',
    ...invitation.links,
    'The join code, to be typed in a page: K7Q-M4T-XP9',
  ]);
  const qrCode = invitationLines(invitation, true).slice(2, -1);
  assert.ok(qrCode.length > 10);
  assert.equal(new Set(qrCode.map((line) => line.length)).size, 1);
});
