import { renderUnicodeCompact } from 'uqr';
import type { Gate } from './gate.ts';

/** What an operator gives to those who are to use the runner. */
export type Invitation = { code: string; links: string[] };

/** @param addresses where others can open the runner */
export function invitationOf({ code, token }: Gate, addresses: string[]): Invitation {
  return { code, links: addresses.map((address) => `${address}?join=${token}`) };
}

/** Lines to print at the start. A terminal gets the first link as a QR code too. */
export function invitationLines({ code, links }: Invitation, isTerminal: boolean): string[] {
  const [first] = links;
  const qrCode = isTerminal && first !== undefined ? blackOnWhite(renderUnicodeCompact(first, { border: 2 })) : [];
  const invited = links.length === 0 ? ['No address of this machine can be reached by others.'] : ['To join, open', ...links];
  return [...invited, ...qrCode, `The join code, to be typed in a page: ${code}`];
}

/** Cameras expect dark on light, whatever colors the terminal has (ECMA-48, 8.3.117, with the 256 colors of xterm). */
function blackOnWhite(text: string): string[] {
  return text.split('\n').map((line) => `\x1b[38;5;231;48;5;16m${line}\x1b[0m`);
}
