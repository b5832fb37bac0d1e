import { ACKNOWLEDGE_EVERY_BYTES } from '../../../protocol/message.ts';

/**
 * Counts what a terminal has taken in of one run and tells the runner now and then, so that a flood waits in the
 * program and not in the page.
 *
 * @param tell sends all bytes taken in so far, in all
 */
export function acknowledgeTo(tell: (bytes: number) => void): (takenInBytes: number) => void {
  let takenBytes = 0;
  let toldBytes = 0;
  return (bytes) => {
    takenBytes += bytes;
    if (takenBytes - toldBytes < ACKNOWLEDGE_EVERY_BYTES) return;
    toldBytes = takenBytes;
    tell(takenBytes);
  };
}
