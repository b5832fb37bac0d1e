import { UNACKNOWLEDGED_HIGH_BYTES } from '../../protocol/message.ts';

/** Below this the program goes on. */
const UNACKNOWLEDGED_LOW_BYTES = UNACKNOWLEDGED_HIGH_BYTES / 4;

/**
 * Flow control from the terminal in the page to the program: a source is paused while more than a window of its
 * output is on the way. The kernel then holds the program itself at its next write.
 */
export function outputWindow(source: { pause(): void; resume(): void }) {
  let sentBytes = 0;
  let acknowledgedBytes = 0;
  let paused = false;

  const settle = () => {
    const onTheWay = sentBytes - acknowledgedBytes;
    if (!paused && onTheWay > UNACKNOWLEDGED_HIGH_BYTES) {
      paused = true;
      source.pause();
    } else if (paused && onTheWay < UNACKNOWLEDGED_LOW_BYTES) {
      paused = false;
      source.resume();
    }
  };

  return {
    sent(bytes: number): void {
      sentBytes += bytes;
      settle();
    },
    /** @param total of all bytes since the start; more than was sent counts as all of it. */
    acknowledged(total: number): void {
      acknowledgedBytes = Math.max(acknowledgedBytes, Math.min(total, sentBytes));
      settle();
    },
  };
}
