import { RECORDED_RUN, type Recording } from '../../../protocol/recording.ts';
import type { Session, SessionListener } from '../session/session.ts';

/**
 * A session whose runner is a recording: it says what was said then, at the same pace. What is typed reaches nobody, and
 * Stop goes to the end.
 *
 * @param pace 1 as it was, 0 without any wait
 */
export function openPlayback(
  { events }: Recording,
  listener: Pick<SessionListener, 'message' | 'output' | 'packets'> & { done(): void },
  pace: number,
): Session {
  const encoder = new TextEncoder();
  const wanted = new Set<number>(Object.values(RECORDED_RUN));
  let next = 0;
  let startedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  const tell = (until: number) => {
    while (!over) {
      const event = events[next];
      if (event === undefined || event.at * pace > until) return;
      next++;
      if (event.type === 'packets') {
        const { at, run, records } = event;
        listener.packets({ kind: 'packets', run, at, bytes: fromBase64(records) });
      } else if (event.type !== 'output') listener.message(event);
      else listener.output({ kind: 'output', run: event.run, at: event.at, bytes: encoder.encode(event.text) });
    }
  };
  const goOn = () => {
    tell(performance.now() - startedAt);
    if (over) return;
    const event = events[next];
    if (event === undefined) return end();
    timer = setTimeout(goOn, startedAt + event.at * pace - performance.now());
  };
  const end = () => {
    over = true;
    listener.done();
  };

  return {
    opened: Promise.resolve(true),
    run({ host }) {
      const run = RECORDED_RUN[host];
      wanted.delete(run);
      // After this turn: the page notes its runs before it hears of them.
      if (wanted.size === 0) {
        timer = setTimeout(() => {
          startedAt = performance.now();
          goOn();
        });
      }
      return run;
    },
    stop() {
      if (over) return;
      clearTimeout(timer);
      tell(Number.POSITIVE_INFINITY);
      if (!over) end();
    },
    resize() {},
    change() {},
    wantPackets() {},
    input() {},
    takenIn() {},
    close() {
      over = true;
      clearTimeout(timer);
    },
  };
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
