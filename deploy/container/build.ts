import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { tarArguments } from '../../image/tar.ts';
import { ensureImage } from '../../setup/image-build.ts';
import { ensureSystemPackages } from '../../setup/system-packages.ts';
import { PRODUCT_PLACE, stageMachine } from '../product.ts';
import { engineDefault } from './engine-default.ts';
import { runnerProfile } from './seccomp.ts';

/**
 * `npm run container`: makes the container image `hello-mptcp` and the seccomp profile beside compose.yaml.
 * `--engine podman` for another engine than docker; LANGUAGES chooses what is in the image.
 */
const HEALTH = '["curl", "-fsS", "http://127.0.0.1:8262/readyz"]';

const { values } = parseArgs({
  options: { engine: { type: 'string', default: 'docker' }, tag: { type: 'string', default: 'hello-mptcp' } },
});

for (const { sentence } of await ensureSystemPackages('run')) console.error(sentence);
if (!(await ensureImage())) process.exit(1);

writeFileSync(join(import.meta.dirname, 'seccomp.json'), `${JSON.stringify(runnerProfile(await engineDefault()), null, 2)}\n`);

const startedMs = performance.now();
await using stage = await stageMachine();
await importImage(stage.folder);
console.log(`The image ${values.tag} is ready, made in ${Math.round((performance.now() - startedMs) / 1000)} s`);

/** What the engine is told beside the files; each can be overridden when a container is started. */
function changes(): string[] {
  return [
    'USER 1000:1000',
    'WORKDIR /tmp',
    // The image's root has no home to write to.
    'ENV PATH=/usr/sbin:/usr/bin HOME=/tmp LANG=C.UTF-8',
    'EXPOSE 8262',
    'STOPSIGNAL SIGTERM',
    // podman-import(1) knows no such instruction: its containers are given --health-cmd.
    ...(values.engine === 'podman' ? [] : [`HEALTHCHECK --interval=3s --timeout=5s --start-period=30s CMD ${HEALTH}`]),
    `ENTRYPOINT ["${PRODUCT_PLACE}/start"]`,
  ];
}

/** From the folder into the engine, without a file between. */
async function importImage(folder: string): Promise<void> {
  const options = changes().flatMap((change) => ['--change', change]);
  const pack = spawn('tar', tarArguments(folder, '-'), { stdio: ['ignore', 'pipe', 'inherit'] });
  const load = spawn(values.engine, ['import', ...options, '-', values.tag], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = Promise.all([once(pack, 'close'), once(load, 'close')]);
  await pipeline(pack.stdout, load.stdin);
  if ((await ended).some(([code]) => code !== 0)) throw new Error(`${values.engine} import failed: the lines above say why`);
}
