/** Where errors stand: a compiler's first ones at the start of the output, a program's last words at its end. */
const START_CHARACTERS = 32 * 1024;
const END_CHARACTERS = 32 * 1024;

/** The start and the end of what a program prints; what is between them in a flood is not kept. */
export type KeptOutput = {
  add(bytes: Uint8Array): void;
  text(): string;
};

export function keepOutput(): KeptOutput {
  const decoder = new TextDecoder();
  let start = '';
  let end = '';
  let isCut = false;
  return {
    add(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      const room = START_CHARACTERS - start.length;
      start += text.slice(0, room);
      end += text.slice(room);
      // Not at each piece: a flood comes in many small ones.
      if (end.length > 2 * END_CHARACTERS) {
        end = end.slice(-END_CHARACTERS);
        isCut = true;
      }
    },
    text: () => (isCut ? `${start}\n${end.slice(end.indexOf('\n') + 1)}` : start + end),
  };
}
