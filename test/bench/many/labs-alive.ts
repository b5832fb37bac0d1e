import { imagePlaces } from '../../../image/location.ts';
import type { Lab } from '../../../runner/lab/lab.ts';
import { labMaker } from '../../../runner/lab/maker.ts';

/**
 * Makes labs one after the other, all of them alive until the last one is there, and closes them.
 * @returns for each how long it took to make, in milliseconds
 */
export async function makeLabs(count: number): Promise<number[]> {
  const maker = labMaker(imagePlaces());
  // The first one also finds out what this kernel can do.
  await (await maker.make()).close();
  const labs: Lab[] = [];
  const times: number[] = [];
  try {
    while (labs.length < count) {
      const startedAt = performance.now();
      labs.push(await maker.make());
      times.push(performance.now() - startedAt);
    }
  } finally {
    for (let next = labs.splice(0, CLOSE_TOGETHER); next.length > 0; next = labs.splice(0, CLOSE_TOGETHER)) {
      await Promise.all(next.map((lab) => lab.close()));
    }
  }
  return times;
}

/** The kernel takes namespaces down one after the other: more at a time would only keep everybody else waiting. */
const CLOSE_TOGETHER = 10;
