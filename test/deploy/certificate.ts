import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate that signs itself, as files; `both` has chain and key, as HAProxy wants them. */
export type Certificate = { chain: string; key: string; both: string };

export async function makeCertificate(folder: string, name: string): Promise<Certificate> {
  const files = { chain: join(folder, 'fullchain.pem'), key: join(folder, 'privkey.pem'), both: join(folder, 'haproxy.pem') };
  const wanted = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
  const argv = ['req', '-x509', ...wanted, '-addext', `subjectAltName=DNS:${name}`, '-keyout', files.key, '-out', files.chain];
  await promisify(execFile)('openssl', argv);
  writeFileSync(files.both, readFileSync(files.chain, 'utf8') + readFileSync(files.key, 'utf8'));
  return files;
}
