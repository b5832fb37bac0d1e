import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import type { Manifest } from '../render.ts';

/** What is asked of the cluster. Its `kubectl` and `ctr` are in the folder KUBERNETES_PROGRAMS: the machine's own kubectl renders. */
export const nodeProgram = (name: string) => join(process.env['KUBERNETES_PROGRAMS'] ?? '', name);

export const NAMESPACE = 'hello-mptcp';

const podSchema = v.object({
  metadata: v.object({ name: v.string(), deletionTimestamp: v.optional(v.string()) }),
  spec: v.object({ containers: v.array(v.object({ image: v.string() })) }),
  status: v.object({
    podIP: v.optional(v.string()),
    conditions: v.optional(v.array(v.object({ type: v.string(), status: v.string() })), []),
    containerStatuses: v.optional(v.array(v.object({ containerID: v.optional(v.string(), ''), restartCount: v.number() })), []),
  }),
});
const podsSchema = v.object({ items: v.array(podSchema) });
const serviceSchema = v.object({ spec: v.object({ clusterIP: v.string() }) });
const endpointsSchema = v.object({
  subsets: v.optional(v.array(v.object({ addresses: v.optional(v.array(v.object({ ip: v.string() })), []) })), []),
});

export type Pod = {
  name: string;
  ip: string;
  image: string;
  ready: boolean;
  /** It was told to end. */
  ending: boolean;
  /** containerd's name of its container. */
  container: string;
  restarts: number;
};

/** @throws Error with what kubectl wrote to standard error */
export async function kubectl(args: string[], input = ''): Promise<string> {
  const asked = promisify(execFile)(nodeProgram('kubectl'), ['--namespace', NAMESPACE, ...args], {
    cwd: '/',
    maxBuffer: 64 * 1024 * 1024,
  });
  asked.child.stdin?.end(input);
  return (await asked).stdout;
}

/** As `kubectl apply`: fields that the cluster does not know are refused. */
export async function apply(manifests: Manifest[], ...options: string[]): Promise<string[]> {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
  return (await kubectl(['apply', ...options, '-f', '-'], text)).trimEnd().split('\n');
}

/** Of a Deployment, those that are ending too. */
export async function podsOf(deployment: string): Promise<Pod[]> {
  const { items } = v.parse(
    podsSchema,
    JSON.parse(await kubectl(['get', 'pods', '-l', `app.kubernetes.io/name=${deployment}`, '-o', 'json'])),
  );
  return items.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    ip: status.podIP ?? '',
    image: spec.containers[0]?.image ?? '',
    ready: status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    ending: metadata.deletionTimestamp !== undefined,
    container: (status.containerStatuses[0]?.containerID ?? '').replace('containerd://', ''),
    restarts: status.containerStatuses[0]?.restartCount ?? 0,
  }));
}

/** Where a Service is, as a site: `http://10.96.12.34/`. */
export async function siteOf(service: string): Promise<string> {
  const { spec } = v.parse(serviceSchema, JSON.parse(await kubectl(['get', 'service', service, '-o', 'json'])));
  return `http://${spec.clusterIP}/`;
}

/** Addresses of the pods that a Service leads to. */
export async function endpointsOf(service: string): Promise<string[]> {
  const { subsets } = v.parse(endpointsSchema, JSON.parse(await kubectl(['get', 'endpoints', service, '-o', 'json'])));
  return subsets.flatMap(({ addresses }) => addresses.map(({ ip }) => ip)).sort();
}

/** So long each thing may take that is waited for: a pod that starts on a busy machine. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 100;

/** Looks until there is something, and returns it. */
export async function until<Found>(what: string, look: () => Promise<Found | null>): Promise<Found> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error(`Still not so after ${PATIENCE_MS / 1_000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
