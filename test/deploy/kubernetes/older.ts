import type { Manifest } from './render.ts';

/** A change that makes manifests for Kubernetes 1.33 ones for 1.20: all that a node of that version does not prove. */
export type Change = { kind: string; what: string; why: string; make: (manifest: Manifest) => Manifest };

/** Nothing else of deploy/kubernetes/ is changed: 1.20 refuses what it does not know, so nothing is missing here. */
export const CHANGES: Change[] = [
  {
    kind: 'Deployment',
    what: 'hostUsers is taken out',
    why: 'pods have user namespaces of their own from 1.25 on',
    make: (manifest) => without(manifest, ['spec', 'template', 'spec', 'hostUsers']),
  },
  {
    kind: 'PodDisruptionBudget',
    what: 'policy/v1 becomes policy/v1beta1',
    why: 'it has that name from 1.21 on; its fields are the same',
    make: (manifest) => ofVersion(manifest, 'policy/v1', 'policy/v1beta1'),
  },
  {
    kind: 'HorizontalPodAutoscaler',
    what: 'autoscaling/v2 becomes autoscaling/v2beta2',
    why: 'it has that name from 1.23 on; its fields are the same',
    make: (manifest) => ofVersion(manifest, 'autoscaling/v2', 'autoscaling/v2beta2'),
  },
];

/** The manifests for 1.20, and each change that was made to one of them: "Deployment runner: hostUsers is taken out". */
export function asOlder(manifests: Manifest[]): { manifests: Manifest[]; changed: string[] } {
  const changed: string[] = [];
  const older = manifests.map((manifest) => {
    let result = manifest;
    for (const { kind, what, why, make } of CHANGES.filter((change) => change.kind === manifest.kind)) {
      const next = make(result);
      if (next !== result) changed.push(`${kind} ${manifest.metadata.name}: ${what} (${why})`);
      result = next;
    }
    return result;
  });
  return { manifests: older, changed };
}

function ofVersion(manifest: Manifest, newer: string, older: string): Manifest {
  return manifest.apiVersion === newer ? { ...manifest, apiVersion: older } : manifest;
}

/** Without the field at that path; the same object where it has none. */
function without<T extends Record<string, unknown>>(object: T, [name = '', ...deeper]: string[]): T {
  const value = object[name];
  if (value === undefined) return object;
  if (deeper.length === 0) return Object.fromEntries(Object.entries(object).filter(([other]) => other !== name)) as T;
  if (!isObject(value)) return object;
  const changed = without(value, deeper);
  return changed === value ? object : { ...object, [name]: changed };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
