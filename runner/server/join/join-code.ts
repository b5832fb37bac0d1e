import { randomBytes } from 'node:crypto';

/** What a person types to be let in: as it is shown, and as it is compared. */
export type JoinCode = { shown: string; canonical: string };

/** Crockford's base 32: no letter in it looks like a digit of it. */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 3;
const GROUP_SYMBOLS = 3;
/** 45 bits. What they are worth against guessing is worked out in guess-limit.ts. */
const LEAST_SYMBOLS = GROUPS * GROUP_SYMBOLS;
const MOST_SYMBOLS = 64;

/** `K7Q-M4T-XP9` */
export function newJoinCode(): JoinCode {
  // 256 is a multiple of 32: each symbol is as likely as any other.
  const symbols = [...randomBytes(LEAST_SYMBOLS)].map((byte) => SYMBOLS[byte % SYMBOLS.length] ?? '').join('');
  const shown = symbols.replaceAll(new RegExp(`.{${GROUP_SYMBOLS}}(?=.)`, 'g'), '$&-');
  return { shown, canonical: canonicalCode(shown) };
}

/** A code that the operator chose; `null` when it is too short to keep guesses out, or too long to be typed. */
export function readJoinCode(text: string): JoinCode | null {
  const canonical = canonicalCode(text);
  if (canonical.length < LEAST_SYMBOLS || canonical.length > MOST_SYMBOLS) return null;
  return { shown: text.trim(), canonical };
}

/** As people type: case, spaces and dashes do not matter, `O` is read as 0, `I` and `L` are read as 1. */
export function canonicalCode(typed: string): string {
  return typed
    .slice(0, MOST_TYPED)
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
}

const MOST_TYPED = 256;
