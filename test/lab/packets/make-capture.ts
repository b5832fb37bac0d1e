import { type Capture, readPcap, writePcap } from '../../../protocol/packet/pcap.ts';
import { openCapture } from '../../../runner/evidence/capture.ts';
import type { LabMaker } from '../../../runner/lab/maker.ts';
import { CLIENT, type Scenario, SERVER } from './scenarios.ts';

/** What a client saw of a scenario, in a lab of its own: as a file's bytes, as a learner gets it, and read from there. */
export async function makeCapture(labs: LabMaker, scenario: Scenario): Promise<{ file: Uint8Array; capture: Capture }> {
  await using lab = await labs.make();
  await lab.shell.put('/tmp/server.py', Buffer.from(SERVER));
  await lab.shell.put('/tmp/client.py', Buffer.from(`${CLIENT}\n${scenario.client}\n`));
  for (const [host, command] of scenario.setUp) await lab.execute(host, command);
  if (scenario.rule !== undefined) {
    const chain = `chain forward { type filter hook forward priority mangle; policy accept; ${scenario.rule}\n}`;
    await lab.shell.put('/tmp/middlebox.nft', Buffer.from(`table inet middlebox {\n${chain}\n}\n`));
    await lab.execute('router', 'nft --file /tmp/middlebox.nft');
  }
  await lab.shell.run('nsenter --net=/run/netns/server python3 /tmp/server.py 262 >/tmp/server.log 2>&1 &');
  await lab.shell.run('until nsenter --net=/run/netns/server ss -Hltn | grep -q :8262; do sleep 0.01; done');
  await using packets = await openCapture(lab);
  await lab.execute('client', 'python3 /tmp/client.py');
  await lab.shell.run(`until [ -z "$(${SUBFLOWS_OF_CLIENT})" ]; do sleep 0.01; done`);
  await packets.close();
  const file = writePcap(packets.kept().capture);
  return { file, capture: readPcap(file) };
}

/** TIME-WAIT is over for the wire. */
const SUBFLOWS_OF_CLIENT = 'nsenter --net=/run/netns/client ss -Htn state all exclude time-wait exclude listening';
