import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../lab/runner.ts';
import type { Certificate } from './certificate.ts';

export const PROXIES = ['caddy', 'nginx', 'haproxy'] as const;
export type ProxyName = (typeof PROXIES)[number];

const CERTIFICATES = '/etc/ssl/hello-mptcp';

/** The files of deploy/proxy/ as they are, but for the place of the certificate. `argv` starts them. */
function prepare(name: ProxyName, folder: string, { chain, key, both }: Certificate): string[] {
  const put = (file: string, text: string) => {
    writeFileSync(join(folder, file), text);
    return join(folder, file);
  };
  switch (name) {
    case 'caddy': {
      // It would ask an authority for its certificate.
      const site = change('deploy/proxy/Caddyfile', { 'mptcp.example.org {\n': `mptcp.example.org {\n\ttls ${chain} ${key}\n` });
      return ['caddy', 'run', '--adapter', 'caddyfile', '--config', put('Caddyfile', `{\n\tadmin off\n}\n${site}`)];
    }
    case 'nginx': {
      const site = change('deploy/proxy/nginx.conf', {
        [`${CERTIFICATES}/fullchain.pem`]: chain,
        [`${CERTIFICATES}/privkey.pem`]: key,
      });
      const logs = `error_log ${folder}/error.log; pid ${folder}/nginx.pid;`;
      const main = `daemon off; ${logs} events {} http { access_log off; include ${put('site.conf', site)}; }`;
      return ['nginx', '-p', folder, '-e', join(folder, 'error.log'), '-c', put('nginx.conf', main)];
    }
    case 'haproxy':
      return [
        'haproxy',
        '-db',
        '-f',
        put('haproxy.cfg', change('deploy/proxy/haproxy.cfg', { [`${CERTIFICATES}/haproxy.pem`]: both })),
      ];
  }
}

/** Listening on ports 80 and 443. */
export async function startProxy(name: ProxyName, folder: string, certificate: Certificate): Promise<AsyncDisposable> {
  return startProgram(prepare(name, folder, certificate), folder, 443);
}

/** HAProxy before the runners a, b and c. */
export async function startCluster(folder: string, { both }: Certificate): Promise<AsyncDisposable> {
  const file = join(folder, 'haproxy-cluster.cfg');
  writeFileSync(file, change('deploy/proxy/haproxy-cluster.cfg', { [`${CERTIFICATES}/haproxy.pem`]: both }));
  return startProgram(['haproxy', '-db', '-f', file], folder, 443);
}

/** A program in the foreground, once it listens. */
export async function startProgram([program = '', ...args]: string[], home: string, port: number): Promise<AsyncDisposable> {
  const path = `${process.env['PATH']}:/usr/sbin:/sbin`;
  const child = spawn(program, args, {
    env: { ...process.env, PATH: path, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-20_000);
  });
  await eventually(`${program} listens on port ${port}`, () => {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${said}`);
    return listens(port);
  });
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Text of a file with replacements, each of which must be there. */
export function change(file: string, instead: Record<string, string>): string {
  return Object.entries(instead).reduce(
    (text, [shown, here]) => {
      if (!text.includes(shown)) throw new Error(`Expected "${shown}" in ${file}`);
      return text.replaceAll(shown, here);
    },
    readFileSync(file, 'utf8'),
  );
}

function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
