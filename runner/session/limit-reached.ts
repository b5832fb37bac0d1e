import type { LimitHit } from '../../protocol/run-end.ts';
import type { Meter } from '../lab/meter.ts';
import type { Limits } from '../sandbox/limits.ts';

/** A limit of all processes of a run together that was reached. */
export function limitReached(meter: Meter, limits: Limits): LimitHit | null {
  const used = meter.memoryUsedUp();
  if (used === 'all') return { limit: 'memory-of-all' };
  if (used === 'own') return { limit: 'memory', value: Math.floor(limits.memoryBytes / MIB), unit: 'MiB' };
  if ((meter.cpuSeconds() ?? 0) > limits.cpuSeconds) return { limit: 'cpu-time', value: limits.cpuSeconds, unit: 's' };
  return null;
}

const MIB = 1024 * 1024;
