import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { imageDir, readImageState } from '../../image/location.ts';
import { describeCapacity, thisMachine } from '../admission/capacity.ts';
import type { Finding } from './finding.ts';

/** The runner takes about 60 MB; a lab and what runs in it the rest. */
const ENOUGH_MEMORY_MB = 512;
/** Of the image, while it is built. */
const ENOUGH_DISK_MB = 1200;

export function memory(): Finding {
  const kilobytes = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0);
  const megabytes = Math.round((kilobytes * 1024) / 1e6);
  const enough = megabytes >= ENOUGH_MEMORY_MB;
  return {
    ...{ name: 'memory', title: 'Memory', necessary: false, state: enough ? 'ok' : 'limited' },
    found: `${megabytes} MB are available${enough ? '' : `, less than the ${ENOUGH_MEMORY_MB} MB that a lab with its programs may take`}.`,
    remedy: enough ? null : 'End other programs, or set LABS=1.',
  };
}

export function capacity(): Finding {
  return {
    ...{ name: 'capacity', title: 'Labs', necessary: false, state: 'ok' },
    found: `${describeCapacity(thisMachine())} LABS sets another number.`,
    remedy: null,
  };
}

export function disk(): Finding {
  const base = { name: 'disk', title: 'Disk', necessary: false } as const;
  const { bavail, bsize } = statfsSync(nearestFolder(imageDir()));
  const megabytes = Math.round((bavail * bsize) / 1e6);
  if (megabytes >= ENOUGH_DISK_MB || readImageState().state === 'ready') {
    return { ...base, state: 'ok', found: `${megabytes} MB are free where the image is kept, ${imageDir()}.`, remedy: null };
  }
  return {
    ...base,
    state: 'limited',
    found: `${megabytes} MB are free in ${imageDir()}, less than the ${ENOUGH_DISK_MB} MB that building the image takes.`,
    remedy: 'Free some, or set IMAGE_DIR to a folder on a larger disk.',
  };
}

export function image(): Finding {
  const base = { name: 'image', title: 'Image', necessary: true } as const;
  const image = readImageState();
  switch (image.state) {
    case 'ready':
      return { ...base, state: 'ok', found: `It is ready, ${image.recipe}.`, remedy: null };
    case 'building':
      return { ...base, state: 'limited', found: `It is being built: ${image.phase}, ${image.percent} %.`, remedy: null };
    case 'failed':
      return { ...base, state: 'missing', found: image.message, remedy: '"npm run image" tries again.' };
    case 'absent':
      return { ...base, state: 'limited', found: 'It is not built yet.', remedy: '"npm start" and "npm run image" build it.' };
  }
}

function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}
