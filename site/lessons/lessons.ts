import type { Lesson, Step } from '../../protocol/lesson/lesson.ts';
import { lesson as addressFamilies } from './address-families.ts';
import { lesson as aggregation } from './aggregation.ts';
import { lesson as announcedAddress } from './announced-address.ts';
import { lesson as backup } from './backup.ts';
import { lesson as blackhole } from './blackhole.ts';
import { lesson as brokenLabs } from './broken-labs.ts';
import { lesson as didItWork } from './did-it-work.ts';
import { lesson as failover } from './failover.ts';
import { lesson as firstConnection } from './first-connection.ts';
import { lesson as fullMesh } from './full-mesh.ts';
import { lesson as goodbye } from './goodbye.ts';
import { lesson as lateFallback } from './late-fallback.ts';
import { lesson as limits } from './limits.ts';
import { lesson as pathManagers } from './path-managers.ts';
import { lesson as plainServer } from './plain-server.ts';
import { lesson as scheduler } from './scheduler.ts';
import { lesson as secondSubflow } from './second-subflow.ts';
import { lesson as servers } from './servers.ts';
import { lesson as socketOptions } from './socket-options.ts';
import { lesson as strippedOptions } from './stripped-options.ts';
import { lesson as switchedOff } from './switched-off.ts';
import { lesson as tokensAndKeys } from './tokens-and-keys.ts';
import { lesson as unchangedPrograms } from './unchanged-programs.ts';

/** The course, in its order. */
export const lessons: Lesson[] = [
  firstConnection,
  didItWork,
  plainServer,
  switchedOff,
  strippedOptions,
  lateFallback,
  blackhole,
  secondSubflow,
  limits,
  announcedAddress,
  fullMesh,
  backup,
  failover,
  aggregation,
  scheduler,
  goodbye,
  unchangedPrograms,
  servers,
  socketOptions,
  addressFamilies,
  pathManagers,
  tokensAndKeys,
  brokenLabs,
];

/** @throws Error that names the lessons there are */
export function lessonById(id: string): Lesson {
  const found = lessons.find((lesson) => lesson.id === id);
  if (found !== undefined) return found;
  throw new Error(`Expected a lesson of ${lessons.map((lesson) => lesson.id).join(', ')}, found "${id}"`);
}

/** @throws Error that names the steps there are */
export function stepById(lesson: string, id: string): Step {
  const { steps } = lessonById(lesson);
  const found = steps.find((step) => step.id === id);
  if (found !== undefined) return found;
  throw new Error(`Lesson ${lesson}: expected a step of ${steps.map((step) => step.id).join(', ')}, found "${id}"`);
}
