/** As a person reads it, in SI units: "640 B", "1.3 kB", "25 MB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'kB', 'MB']) {
    if (value < 999.5) return `${rounded(value, unit === 'B')} ${unit}`;
    value /= 1000;
  }
  return `${rounded(value, false)} GB`;
}

/** "41 ms", "1.3 s", "61 s". */
export function formatDuration(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  return `${rounded(durationMs / 1000, false)} s`;
}

const rounded = (value: number, isWhole: boolean) => (isWhole || value >= 9.95 ? value.toFixed(0) : value.toFixed(1));

/** Bits per second: "640 bit/s", "9.6 Mbit/s", "20 Mbit/s". */
export function formatRate(bitsPerSecond: number): string {
  let value = bitsPerSecond;
  for (const unit of ['bit/s', 'kbit/s', 'Mbit/s']) {
    if (value < 999.5) return `${rounded(value, unit === 'bit/s' || Number.isInteger(value))} ${unit}`;
    value /= 1000;
  }
  return `${rounded(value, false)} Gbit/s`;
}
