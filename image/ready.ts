/** What a builder made: all of the image, or what was missing of it. */
export type Made = { whole: boolean; ms: number };

/**
 * "The image is ready: 4.2 GB, made in 3 min 31 s: /path"
 *
 * @param made `null` where nothing had to be made
 */
export function describeReady(path: string, bytes: number, made: Made | null): string {
  const size = inSiUnits(bytes);
  if (made === null) return `The image is ready: ${size}: ${path}`;
  return `The image is ready: ${size}, ${made.whole ? 'made' : 'what was missing made'} in ${inMinutes(made.ms)}: ${path}`;
}

/** "4.2 GB", "312 MB". */
function inSiUnits(bytes: number): string {
  return bytes < 999.5e6 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** "3 min 31 s", "45 s". */
function inMinutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
