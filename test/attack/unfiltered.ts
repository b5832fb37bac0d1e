import { decodeFrame } from '../../protocol/frame.ts';
import { readConfig } from '../../runner/config.ts';
import { LAB_FILTER } from '../../runner/lab/holder.ts';
import { assemble } from '../../runner/sandbox/seccomp/bpf.ts';
import { openSession } from '../../runner/session/session.ts';
import { openWorld } from '../../runner/world.ts';

/** SECCOMP_RET_ALLOW (seccomp(2)). */
const ALLOW = 0x7fff_0000;

/** Runs a client in a lab whose filter allows everything: the control of the attacks. Gives its output. */
export async function runUnfiltered(snippet: string, files: Record<string, string>): Promise<string> {
  const { session: world, admission } = openWorld(readConfig({ LABS: '1', LABS_WARM: '0', LOG_LEVEL: 'error' }));
  const acquire: typeof world.admission.acquire = async (...given) => {
    const lab = await world.admission.acquire(...given);
    await lab.shell.put(LAB_FILTER, assemble([{ op: 'return', value: ALLOW }]));
    return lab;
  };
  const output: Uint8Array[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const session = openSession(
    { ...world, admission: { acquire } },
    {
      resume: null,
      isThere: () => true,
      sendEvent: (event) => event.type === 'run-ended' && resolve(),
      sendFrame: (frame) => output.push(decodeFrame(frame)?.bytes.slice() ?? new Uint8Array()),
    },
  );
  session.receiveText(JSON.stringify({ type: 'run', run: 1, snippet, host: 'client', files, columns: 200, rows: 50 }));
  await ended;
  await session.close('session-closed');
  await admission.close();
  return Buffer.concat(output).toString();
}
