/** Goes through a tape as time goes on. It knows no tape, only moments between a first and a last one. */
export type Player = {
  /** From where it is; from the start where it is at the end. */
  play(): void;
  pause(): void;
  /** Goes to a moment, and on from there if it plays. */
  seek(atMs: number): void;
  /** 1 as it was, 2 twice as fast. */
  setSpeed(times: number): void;
  isPlaying(): boolean;
  isAtEnd(): boolean;
  dispose(): void;
};

/** The page's frames: a page that nobody looks at has none, and its tape stands still. */
export type Frames = { request(call: (nowMs: number) => void): number; cancel(id: number): void };

const PAGE_FRAMES: Frames = { request: (call) => requestAnimationFrame(call), cancel: (id) => cancelAnimationFrame(id) };

/** A frame that comes later than this was held up by something: what would have been seen meanwhile is not left out. */
const MOST_PER_FRAME_MS = 250;

/** @param show called once a frame while it plays, and once after each call that changes something */
export function openPlayer(
  { startMs, endMs }: { startMs: number; endMs: number },
  show: (atMs: number, isPlaying: boolean) => void,
  frames: Frames = PAGE_FRAMES,
): Player {
  let atMs = endMs;
  let speed = 1;
  let isPlaying = false;
  let frame = 0;
  let lastFrameMs: number | null = null;

  // One picture a frame, however often a slider reports.
  const askForFrame = () => {
    if (frame === 0) frame = frames.request(onFrame);
  };
  const onFrame = (nowMs: number) => {
    frame = 0;
    if (isPlaying) {
      const elapsedMs = lastFrameMs === null ? 0 : Math.min(MOST_PER_FRAME_MS, Math.max(0, nowMs - lastFrameMs));
      atMs = Math.min(endMs, atMs + elapsedMs * speed);
      isPlaying = atMs < endMs;
    }
    lastFrameMs = isPlaying ? nowMs : null;
    show(atMs, isPlaying);
    if (isPlaying) askForFrame();
  };

  return {
    play() {
      if (atMs >= endMs) atMs = startMs;
      isPlaying = startMs < endMs;
      askForFrame();
    },
    pause() {
      isPlaying = false;
      askForFrame();
    },
    seek(wantedMs) {
      atMs = Math.min(endMs, Math.max(startMs, wantedMs));
      if (atMs === endMs) isPlaying = false;
      askForFrame();
    },
    setSpeed(times) {
      speed = times;
    },
    isPlaying: () => isPlaying,
    isAtEnd: () => atMs >= endMs,
    dispose() {
      isPlaying = false;
      frames.cancel(frame);
    },
  };
}
