import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imagePlaces } from '../../image/location.ts';
import { trackConnections } from '../../protocol/packet/connections.ts';
import { type DecodedPacket, decodePacket } from '../../protocol/packet/decode.ts';
import type { Proof } from '../../protocol/packet/proof.ts';
import { proofsOf } from '../../protocol/packet/proofs.ts';
import { WIRESHARK_FILTER } from '../../protocol/packet/summary.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import { missing } from '../require.ts';
import { asTshark } from './packets/as-tshark.ts';
import { makeCapture } from './packets/make-capture.ts';
import { SCENARIOS } from './packets/scenarios.ts';
import { DERIVED_FIELDS, readByTshark, selectedByTshark, TOKEN_OF_TSHARK } from './packets/tshark.ts';

const CHECKSUM = 'tcp.options.mptcp.checksum';

const labs = labMaker(imagePlaces());

describe('packets of a real kernel', { skip: (await missing('lab')) || (await missing('tshark')) }, () => {
  for (const scenario of SCENARIOS) {
    test(`${scenario.name}: every field is what tshark sees, every HMAC what was on the wire`, async () => {
      const { file, capture } = await makeCapture(labs, scenario);
      const decoded = capture.packets.map((packet) => decodePacket(packet, capture.linkType));
      const judged = await readByTshark(file);

      assert.equal(judged.length, decoded.length);
      for (const [index, packet] of decoded.entries()) {
        assert.deepEqual(packet.faults, []);
        const seen = Object.entries(judged[index] ?? {}).filter(([name]) => !DERIVED_FIELDS.includes(name));
        const ours = asTshark(packet);
        // tshark 4.0 leaves out the checksum at the end of a DSS: the test below recomputes it from the data.
        if (packet.mptcp.some(({ subtype }) => subtype === 'DSS') && judged[index]?.[CHECKSUM] === undefined)
          delete ours[CHECKSUM];
        assert.deepEqual(ours, Object.fromEntries(seen), `packet ${index + 1}`);
      }
      assert.deepEqual(
        await selectedByTshark(file, WIRESHARK_FILTER),
        indexesWith(decoded, ({ mptcp }) => mptcp.length > 0),
      );
      const subtypes = new Set(decoded.flatMap(({ mptcp }) => mptcp.map(({ subtype }) => subtype)));
      for (const wanted of scenario.shows)
        assert.ok(
          [...subtypes].some((seen) => seen === wanted),
          `${wanted} in the capture`,
        );

      const { connections } = trackConnections(decoded);
      const proofs = connections.flatMap((connection) => proofsOf(connection, decoded));
      const isChecksum = ({ title }: Proof) => title.startsWith('Checksum');
      for (const proof of proofs.filter((one) => !isChecksum(one))) {
        assert.notEqual(proof.agrees, false, JSON.stringify(proof, null, 1));
      }
      assert.equal(proofs.filter((one) => isChecksum(one) && one.agrees === false).length, scenario.wrongChecksums ?? 0);
      const hmacs = decoded
        .flatMap(({ mptcp }) => mptcp)
        .filter((option) => {
          return option.subtype === 'ADD_ADDR' ? option.hmac !== null : option.subtype === 'MP_JOIN' && option.form !== 'syn';
        });
      assert.equal(proofs.filter(({ agrees, title }) => agrees && title.startsWith('HMAC')).length, hmacs.length);

      const tokens = connections.flatMap((connection) => Object.values(connection.tokens).map((token) => Number(`0x${token}`)));
      for (const { [TOKEN_OF_TSHARK]: token } of judged) assert.ok(token === undefined || tokens.includes(Number(token)));
    });
  }

  test('checksums of data are what was on the wire', async () => {
    const scenario = SCENARIOS.find(({ name }) => name === 'checksums');
    assert.ok(scenario);
    const { capture } = await makeCapture(labs, scenario);
    const decoded = capture.packets.map((packet) => decodePacket(packet, capture.linkType));
    const [connection] = trackConnections(decoded).connections;
    assert.ok(connection);
    const checksums = proofsOf(connection, decoded).filter(({ title }) => title.startsWith('Checksum'));
    const forms = new Set(checksums.map(({ onWire, agrees }) => `${onWire?.where} ${agrees}`));
    assert.deepEqual(forms, new Set(['Checksum of the MP_CAPABLE true', 'Checksum of the DSS true']));
  });
});

function indexesWith(packets: DecodedPacket[], holds: (packet: DecodedPacket) => boolean): number[] {
  return packets.flatMap((packet, index) => (holds(packet) ? [index] : []));
}
