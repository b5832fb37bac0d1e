import { evidenceCostRows } from './evidence-cost.ts';
import { evidenceLabsRows } from './evidence-labs.ts';
import type { Place } from './place.ts';
import type { Row } from './row.ts';

/** What it costs to see: one lab, and many at once. */
export async function evidenceRows({ quiet }: Place): Promise<Row[]> {
  return [...(await evidenceCostRows(quiet)), ...(await evidenceLabsRows())];
}
