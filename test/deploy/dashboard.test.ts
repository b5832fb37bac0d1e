import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Family, readPrometheus } from '../lab/prometheus-text.ts';
import { startRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';

const DASHBOARD = 'deploy/grafana/hello-mptcp.json';
/** What Prometheus itself says of each that it scrapes. */
const OF_PROMETHEUS = ['up'];

describe('what asks the metrics', { skip: await missing('lab') }, () => {
  test('asks for such as a runner has, with labels and values that there are', async () => {
    await using runner = await startRunner({ METRICS_PORT: '0' });
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', { 'client.py': 'print("counted")' });
    await visitor.until('run-ended');
    const families = readPrometheus(await (await fetch(runner.metricsAddress ?? '')).text());
    const asked = [...expressionsOf(DASHBOARD), ...alertExpressions(), ...adapterExpressions()];
    assert.ok(asked.length > 20, `${asked.length} expressions`);
    assert.deepEqual(
      asked.flatMap((expression) => faultsOf(expression, families)),
      [],
    );
    assert.deepEqual(faultsOf('rate(hello_mptcp_labs{state="opened"}[5m]) + hello_mptcp_lab', families), [
      'hello_mptcp_labs has no state="opened"',
      'no metric hello_mptcp_lab',
    ]);
  });

  test('the dashboard has each panel once, and none over another', () => {
    const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8'));
    const places = panels.map(({ gridPos }: { gridPos: { x: number; y: number } }) => `${gridPos.x} ${gridPos.y}`);
    assert.equal(new Set(places).size, panels.length);
    assert.equal(new Set(panels.map(({ id }: { id: number }) => id)).size, panels.length);
  });
});

function expressionsOf(file: string): string[] {
  const { panels } = JSON.parse(readFileSync(file, 'utf8'));
  return panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr));
}

function alertExpressions(): string[] {
  return [...readFileSync('deploy/grafana/alerts.yaml', 'utf8').matchAll(/expr: (.+)/g)].map(([, expr = '']) => expr);
}

function adapterExpressions(): string[] {
  const rule = readFileSync('deploy/kubernetes/prometheus-adapter.yaml', 'utf8');
  return [...rule.matchAll(/metricsQuery: '(.+)'/g)].map(([, expr = '']) => expr.replaceAll(/,?<<[^>]+>>/g, ''));
}

/** Names of PromQL's own stand before a bracket or are words of its grammar; ours have an underscore or stand in OF_PROMETHEUS. */
function faultsOf(expression: string, families: Map<string, Family>): string[] {
  const samples = [...families.values()].flatMap((family) => family.samples);
  const names = expression.matchAll(/\b((?:hello_mptcp|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g);
  return [...names].flatMap(([, name = '', matchers = '']) => {
    if (OF_PROMETHEUS.includes(name)) return [];
    const own = samples.filter((sample) => sample.name === name);
    if (own.length === 0) return [`no metric ${name}`];
    return [...matchers.matchAll(/(\w+)="([^"]*)"/g)].flatMap(([, label = '', value = '']) =>
      own.some(({ labels }) => labels[label] === value) ? [] : [`${name} has no ${label}="${value}"`],
    );
  });
}
