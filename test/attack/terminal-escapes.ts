/** A sequence that a program prints; `allowed` is what the terminal may type back in answer, `null` where nothing. */
export type Escape = { name: string; bytes: string; allowed: RegExp | null };

/** Longer than what the terminal takes of one command. */
const LONG = 11_000_000;

/** Bytes as Python writes them. Sources: ECMA-48, xterm's ctlseqs. */
export const ESCAPES: Escape[] = [
  { name: 'window title (OSC 0, 2)', bytes: 'b"\\x1b]0;CHOSEN\\x07\\x1b]2;CHOSEN\\x1b\\\\"', allowed: null },
  { name: 'title by C1 bytes', bytes: 'b"\\x9d0;CHOSEN\\x9c" + "\\u009d2;CHOSEN\\u009c".encode()', allowed: null },
  { name: 'report of the title (CSI 20 t, 21 t)', bytes: 'b"\\x1b[20t\\x1b[21t"', allowed: null },
  { name: 'push and pop of the title', bytes: 'b"\\x1b[22t\\x1b[23t"', allowed: null },
  { name: 'clipboard written (OSC 52)', bytes: 'b"\\x1b]52;c;c3RvbGVu\\x07"', allowed: null },
  { name: 'clipboard read (OSC 52 ?)', bytes: 'b"\\x1b]52;c;?\\x07\\x1b]52;p;?\\x07"', allowed: null },
  { name: 'answerback (ENQ)', bytes: 'b"\\x05"', allowed: null },
  {
    name: 'settings asked with text of its own (DECRQSS)',
    bytes: 'b"\\x1bP$q; echo CHOSEN\\r\\x1b\\\\"',
    allowed: /^\\x1bP0\$r\\x1b\\\\$|^$/,
  },
  { name: 'capability asked (XTGETTCAP)', bytes: 'b"\\x1bP+q43484f53454e\\x1b\\\\"', allowed: null },
  { name: 'checksum of the screen (DECRQCRA)', bytes: 'b"\\x1b[1;1;1;1;5;5*y"', allowed: null },
  {
    name: 'a color set and asked (OSC 4)',
    bytes: 'b"\\x1b]4;1;CHOSEN\\x07\\x1b]4;1;?\\x07"',
    allowed: /^\\x1b\]4;1;rgb:[0-9a-f/]{14}\\x1b\\\\$/,
  },
  { name: 'device attributes (DA)', bytes: 'b"\\x1b[c\\x1b[>c"', allowed: /^(\\x1b\[[?>][0-9;]+c)*$/ },
  { name: 'status and place (DSR)', bytes: 'b"\\x1b[5n\\x1b[6n"', allowed: /^\\x1b\[0n\\x1b\[\d+;\d+R$/ },
  { name: 'keys bound to text (DECUDK)', bytes: 'b"\\x1bP1;1|17/43484f53454e0d\\x1b\\\\"', allowed: null },
  { name: 'a file for download (OSC 1337)', bytes: 'b"\\x1b]1337;File=name=eA==;inline=0:eA==\\x07"', allowed: null },
  { name: 'a notification (OSC 9, 777)', bytes: 'b"\\x1b]9;CHOSEN\\x07\\x1b]777;notify;CHOSEN;x\\x07"', allowed: null },
  { name: 'a command of 11 MB', bytes: `b"\\x1b]2;" + b"A" * ${LONG} + b"\\x07"`, allowed: null },
  {
    name: 'a command without an end, then one that ends it',
    bytes: 'b"\\x1bP" + b"A" * 100000 + b"\\x18\\x1b[0m"',
    allowed: null,
  },
  { name: '100,000 bells', bytes: 'b"\\x07" * 100000', allowed: null },
  {
    name: 'letters turned around, and of no width',
    bytes: '"\\u202eelif.exe\\u202c\\u200b\\u2066\\u2069\\ufeff".encode()',
    allowed: null,
  },
  { name: 'markup', bytes: 'b"<img src=/x-evil onerror=window.taken=1><script>window.taken=2</script>"', allowed: null },
  {
    name: 'mouse and paste modes, other screen, reset',
    bytes: 'b"\\x1b[?1000h\\x1b[?2004h\\x1b[?1049h\\x1b[?1049l\\x1b[?2004l\\x1b[?1000l"',
    allowed: null,
  },
];

/** Links as programs make them (OSC 8), each on a line of its own. */
const LINKS: [string, string][] = [
  ['JAVASCRIPT', 'javascript:window.taken=1'],
  ['DATALINK', 'data:text/html,<script>alert(1)</script>'],
  ['FILELINK', 'file:///etc/passwd'],
  ['WEBLINK', 'http://127.0.0.1:9/'],
];

/**
 * Prints each sequence and tells what was typed back: `reply N: ...`. The status report behind each says that the terminal has
 * come so far: its answer is the last, and is left out.
 */
export function escapesProgram(): string {
  return `import os, sys, termios, tty
before = termios.tcgetattr(0)
tty.setraw(0)
def send(data):
  while data: data = data[os.write(1, data[:65536]):]
def answer_to(data):
  send(data + b"\\x1b[5n")
  got = b""
  # The last of them: what is sent may ask for the same, and answers come in pieces.
  while got.count(b"\\x1b[0n") <= data.count(b"\\x1b[5n") or not got.endswith(b"\\x1b[0n"): got += os.read(0, 1024)
  return got[:-4]
told = []
${ESCAPES.map(({ bytes }) => `told.append(answer_to(${bytes}))`).join('\n')}
termios.tcsetattr(0, termios.TCSANOW, before)
send(b"\\x1bc\\r\\n")
for number, reply in enumerate(told): print(f"reply {number}: {repr(reply)[2:-1]};")
${LINKS.map(([word, target]) => `send(b"\\x1b]8;;${target}\\x1b\\\\${word}\\x1b]8;;\\x1b\\\\\\r\\n")`).join('\n')}
print("all were sent")
`;
}

/** What was typed back, by the number of the sequence, with escapes as Python shows them. */
export function repliesIn(output: string): Map<number, string> {
  return new Map([...output.matchAll(/^reply (\d+): (.*);\r$/gm)].map(([, index, reply]) => [Number(index), reply ?? '']));
}
