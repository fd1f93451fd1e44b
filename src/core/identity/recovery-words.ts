/** The 24 recovery words: 256 bits of entropy (BIP 39, English list), from which a person's lasting keys follow. */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { Bytes } from '../codec/bytes.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { sentence } from './sentences.ts';
import { deriveKey } from '../crypto/hash.ts';

export const WORDS = 24;
export const ENTROPY_BYTES = 32;

const known: ReadonlySet<string> = new Set(wordlist);

/** What follows from the words: HKDF-SHA-256 of the entropy, one purpose each. */
export interface RecoveredSecrets {
  /** Ed25519 seed of the person's identity key: 32 bytes. */
  readonly identitySeed: Bytes;
  /** AES-256 key for what only the person's devices read: 32 bytes. */
  readonly mailboxKey: Bytes;
}

export function secretsFromEntropy(entropy: Bytes): RecoveredSecrets {
  return {
    identitySeed: deriveKey(entropy, 'epost/identity-key/v1'),
    mailboxKey: deriveKey(entropy, 'epost/mailbox-key/v1'),
  };
}

/** 24 words for 32 bytes. */
export function wordsFromEntropy(entropy: Bytes): readonly string[] {
  return entropyToMnemonic(entropy, wordlist).split(' ');
}

/** Refusals: `wrong-count`, `unknown-word` (named, with its place), `bad-checksum`; each with a sentence for the person. */
export function entropyFromWords(typed: readonly string[]): Result<Bytes> {
  const words = typed
    .map((word) => word.normalize('NFKD').trim().toLowerCase())
    .filter((word) => word !== '');
  if (words.length !== WORDS) return refuse('wrong-count', countSentence(words.length));
  const place = words.findIndex((word) => !known.has(word));
  if (place >= 0)
    return refuse(
      'unknown-word',
      sentence('words/unknown', { place: place + 1, word: words[place]!.slice(0, 20) }),
    );
  try {
    return ok(new Uint8Array(mnemonicToEntropy(words.join(' '), wordlist)));
  } catch {
    return refuse('bad-checksum', sentence('words/checksum'));
  }
}

/** Splits what was typed or pasted: spaces, line ends, commas and numbering go. */
export function splitWords(typed: string): readonly string[] {
  return typed.split(/[\s,;.\d)]+/).filter((word) => word !== '');
}

function countSentence(count: number): string {
  return count === 1
    ? sentence('words/one', { words: WORDS })
    : sentence('words/count', { words: WORDS, count });
}
