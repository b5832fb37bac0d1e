import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { missing } from '../require.ts';
import { apiFaults } from './kubernetes/api-faults.ts';
import { type Manifest, render } from './kubernetes/render.ts';

describe('deploy/kubernetes/', { skip: await missing('kubectl') }, () => {
  for (const overlay of ['class', 'strangers'] as const)
    test(`${overlay}: each field is one of the API, and of its type`, async () => {
      const manifests = await render(overlay);
      const kinds = manifests.map(({ kind }) => kind);
      for (const kind of ['Deployment', 'Service', 'Ingress', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'NetworkPolicy'])
        assert.ok(kinds.includes(kind), `a ${kind} among ${kinds}`);
      assert.deepEqual(apiFaults(manifests), []);
    });

  test('a field that is unknown, or of another type, would be found', async () => {
    const [namespace] = await render('class');
    const pod = (spec: object) => ({ ...named('v1', 'Pod'), spec: { containers: [{ name: 'runner' }], ...spec } });
    assert.deepEqual(apiFaults([namespace ?? assert.fail(), pod({ hostUsers: false })]), []);
    assert.match(apiFaults([pod({ hostUser: false })]).join(), /"hostUser"' does not exist/);
    assert.match(apiFaults([pod({ hostUsers: 'no' })]).join(), /'string' is not assignable to type 'boolean/);
    assert.match(apiFaults([pod({ containers: [{}] })]).join(), /"name"|'name'/);
  });

  test('every pod is without root, capabilities and a way out', async () => {
    const manifests = await render('class');
    for (const manifest of manifests.filter(({ kind }) => kind === 'Deployment')) {
      const text = JSON.stringify(manifest);
      for (const part of [
        '"runAsNonRoot":true',
        '"allowPrivilegeEscalation":false',
        '"readOnlyRootFilesystem":true',
        '"capabilities":{"drop":["ALL"]}',
        '"automountServiceAccountToken":false',
        '"hostUsers":false',
      ])
        assert.ok(text.includes(part), `${manifest.metadata.name}: ${part}`);
    }
    const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => JSON.stringify(spec));
    assert.ok(
      policies.includes('{"egress":[],"ingress":[],"podSelector":{},"policyTypes":["Ingress","Egress"]}'),
      policies.join('\n'),
    );
    assert.ok(policies.every((policy) => policy.includes('"egress":[]') || !policy.includes('egress')));
  });

  test('a pod has the time that its drain takes', () => {
    const runner = readFileSync('deploy/kubernetes/base/runner.yaml', 'utf8');
    const number = (shape: RegExp) => Number(shape.exec(runner)?.[1] ?? assert.fail(`no ${shape}`));
    const drain = number(/DRAIN_SECONDS, value: "(\d+)"/) + number(/\[sleep, "(\d+)"\]/);
    assert.ok(number(/terminationGracePeriodSeconds: (\d+)/) > drain + 10);
    const labs = number(/LABS, value: "(\d+)"/);
    const scale = Number(/averageValue: "(\d+)"/.exec(readFileSync('deploy/kubernetes/base/autoscaling.yaml', 'utf8'))?.[1]);
    assert.ok(scale > labs / 2 && scale < labs, 'runners are added before the labs of each are used up');
  });
});

function named(apiVersion: string, kind: string): Manifest {
  return { apiVersion, kind, metadata: { name: 'test' } };
}
