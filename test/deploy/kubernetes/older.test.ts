import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../../require.ts';
import { asOlder, CHANGES } from './older.ts';
import { render } from './render.ts';

describe('manifests for Kubernetes 1.20', { skip: await missing('kubectl') }, () => {
  test('each change of the list is made, is told with its object and its reason, and leaves all else as it is', async () => {
    const manifests = await render('class');
    const { manifests: older, changed } = asOlder(manifests);
    for (const { kind, what, why } of CHANGES)
      assert.ok(
        changed.some((line) => line.startsWith(`${kind} `) && line.includes(what) && line.includes(why)),
        `${kind}: ${what}`,
      );
    assert.deepEqual(
      older.map((manifest) => JSON.stringify(manifest)),
      manifests.map((manifest) =>
        JSON.stringify(manifest)
          .replace('"hostUsers":false,', '')
          .replace('"policy/v1"', '"policy/v1beta1"')
          .replace('"autoscaling/v2"', '"autoscaling/v2beta2"'),
      ),
    );
  });

  test('what is for 1.20 already is not changed, and nothing is told', async () => {
    const { manifests } = asOlder(await render('class'));
    assert.deepEqual(asOlder(manifests), { manifests, changed: [] });
  });
});
