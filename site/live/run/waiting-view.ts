import { part } from '../part.ts';
import type { Waiting } from './scene.ts';

/** The calm line that stands where the terminals are while Run waits. */
export type WaitingView = {
  show(waiting: Waiting): void;
  hide(): void;
};

export function openWaitingView(cover: HTMLElement): WaitingView {
  const sentence = part(cover, 'p', HTMLElement);
  const bar = part(cover, 'progress', HTMLProgressElement);
  return {
    show(waiting) {
      const { text, percent } = waitingWords(waiting);
      sentence.textContent = text;
      bar.hidden = percent === null;
      bar.value = percent ?? 0;
      cover.hidden = false;
    },
    hide() {
      cover.hidden = true;
    },
  };
}

/** `percent` is null where nothing is known of how far it is. */
export function waitingWords(waiting: Waiting): { text: string; percent: number | null } {
  if (waiting.for === 'lab') {
    const { position, expectedMs, ownLimit } = waiting;
    const why = ownLimit === null ? '' : ` ${ownLimitWords(ownLimit)}`;
    const place = position === 1 ? 'Yours is next' : `${position - 1} before you`;
    const wait = expectedMs === null ? '' : `, ${waitWords(expectedMs)}`;
    return { text: `Run waits for a free lab.${why} ${place}${wait}.`, percent: null };
  }
  const { image } = waiting;
  switch (image.state) {
    case 'absent':
      return { text: 'Run waits. The image that programs run in is about to be made.', percent: 0 };
    case 'building':
      return {
        text: `Run waits. The image that programs run in is being made: ${image.phase}, ${Math.round(image.percent)} %.`,
        percent: image.percent,
      };
    case 'ready':
      return { text: 'The image is there. Run goes on in a moment.', percent: 100 };
    case 'failed':
      return { text: `Run waits, but the image could not be made: ${image.message}`, percent: null };
  }
}

/** A guess, told as one: "about 2 minutes". */
function waitWords(ms: number): string {
  if (ms < 10_000) return 'a few seconds';
  if (ms < 45_000) return 'less than a minute';
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return minutes <= 1 ? 'about a minute' : `about ${minutes} minutes`;
  return 'more than an hour';
}

/** The visitor's address is that of a network, as far as a runner can see. */
function ownLimitWords(labs: number): string {
  return labs === 1 ? 'The one that your network may have is in use.' : `All ${labs} that your network may have are in use.`;
}
