/** The output of one program, by the clock of who reads it; milliseconds since the program was asked for. */
export type TimedOutput = { firstByteMs: number; lastByteMs: number; bytes: number; endMs: number };

/** Takes times while output comes in. */
export function outputTimer(): { took(bytes: number): void; ended(): TimedOutput } {
  const startedAt = performance.now();
  let firstByteMs: number | null = null;
  let lastByteMs = 0;
  let total = 0;
  return {
    took(bytes) {
      lastByteMs = performance.now() - startedAt;
      firstByteMs ??= lastByteMs;
      total += bytes;
    },
    ended() {
      if (firstByteMs === null) throw new Error('Expected output, found none');
      return { firstByteMs, lastByteMs, bytes: total, endMs: performance.now() - startedAt };
    },
  };
}
