/** Lower case, two digits a byte, nothing between them. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes of hexadecimal digits as `hex` writes them. */
export function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** A number of `bytes` bytes, with leading zeroes. */
export function hexNumber(value: number | bigint, bytes: number): string {
  return value.toString(16).padStart(bytes * 2, '0');
}
