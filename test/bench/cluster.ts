import { notAlone, runAlone } from '../deploy/alone.ts';
import { type ClusterReport, describeReport, lossesOf } from '../deploy/cluster/cluster-report.ts';
import { figureOf } from './figure.ts';
import type { Row } from './row.ts';

const LEARNERS = 200;
const EVERY_MS = 30_000;
const PHASE_MS = 35_000;
const TIMEOUT_MS = 600_000;

/**
 * 200 learners at two runners behind HAProxy; one runner is killed, one is added, one is drained.
 * @throws Error when a hello did not come out as it must, apart from those that were cut off
 */
export async function clusterRows(): Promise<Row[]> {
  const impossible = notAlone();
  if (impossible !== false) throw new Error(impossible);
  const argv = [LEARNERS, EVERY_MS, PHASE_MS].map(String);
  const report: ClusterReport = JSON.parse(await runAlone('test/deploy/cluster/behind-cluster.ts', argv, TIMEOUT_MS));
  const faults = report.stories.flatMap((story) => story.faults);
  if (faults.length > 0) throw new Error(`${faults.length} faults: ${faults[0]}`);
  console.error(describeReport(report).join('\n'));

  const [killed, drained] = [lossesOf(report, 'killed'), lossesOf(report, 'drained')];
  const waited = report.stories.flatMap(({ waitedMs }) => waitedMs);
  const what = `${LEARNERS} learners at two runners, a hello of c each ${EVERY_MS / 1000} s`;
  return [
    number(`${what}: one is killed, sessions lost`, killed.length),
    number('… of them in the middle of a run', killed.filter(({ midRun }) => midRun).length),
    times(
      '… until the page is told',
      killed.map(({ toldMs }) => toldMs),
    ),
    times(
      '… until it has a session elsewhere',
      killed.map(({ anewMs }) => anewMs),
    ),
    number('A third is added, the second drained: sessions that move', drained.length),
    number('… of them in the middle of a run', drained.filter(({ midRun }) => midRun).length),
    times(
      '… from the goodbye to a session elsewhere',
      drained.map(({ anewMs }) => anewMs),
    ),
    number(
      `Hellos of all that fell back to TCP`,
      report.stories.reduce((sum, { fellBack }) => sum + fellBack, 0),
    ),
    number('Waited for a lab, again and again', waited.length),
    times('… for so long', waited),
  ];
}

function number(what: string, count: number): Row {
  return { what, unit: 'learners', measured: figureOf([count]), baseline: null, target: null };
}

function times(what: string, values: number[]): Row {
  return { what, unit: 'ms', measured: figureOf(values.length === 0 ? [0] : values), baseline: null, target: null };
}
