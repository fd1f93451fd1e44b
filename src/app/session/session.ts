/** What the pages know of the profile's session: which stage it is in, and what a person without account can do. */
import type { Result } from '../../core/codec/result.ts';
import type { Client } from '../../core/node/client.ts';
import type { OpenSearch } from '../search/search.svelte.ts';
import type { DraftStore } from './draft-store.ts';

export type Stage =
  /** The vault and the disk are being asked. */
  | { readonly name: 'starting' }
  /** Nobody has joined in this profile. */
  | { readonly name: 'no-account'; readonly onboarding: Onboarding }
  | {
      readonly name: 'member';
      readonly client: Client;
      readonly drafts: DraftStore;
      /** The index of the mailbox; its code is loaded then. */
      readonly search: OpenSearch;
      /** Passing the account on to another device. */
      readonly pairing: OpenPairing;
      /** Makes this browser forget the account, and loads the page anew. */
      readonly erase: () => Promise<void>;
    }
  /** It cannot go on; a sentence that says why and what to do. */
  | { readonly name: 'broken'; readonly reason: string };

/** The organization whose relay served the page. */
export interface RingFacts {
  readonly domain: string;
}

export interface NewKeys {
  readonly words: readonly string[];
  /** Hexadecimal identity key, for the person's mark. */
  readonly identityKey: string;
}

/** Codes of the authority, and `unreachable`, `vault`. */
export interface Onboarding {
  ring(): Promise<Result<RingFacts>>;
  /** Asks whether the invitation holds and, with `address` (canonical), whether it is free. */
  check(token: string, address?: string): Promise<Result<true>>;
  begin(): Promise<Result<NewKeys>>;
  /** Joins with the keys of `begin`; may be tried again. The stage changes when it has succeeded. */
  join(token: string, address: string, displayName: string): Promise<Result<true>>;
  /** Brings an account back from its words; may be tried again. */
  recover(typed: string): Promise<Result<true>>;
  /** Taking over the account of another device; the stage changes when that has succeeded. */
  readonly pairing: OpenPairing;
}

/** One attempt, or several, to pair this device with another one. */
export interface Pairing {
  /** Makes a code to be shown. Codes of refusals here and below: those of core/identity/pairing.ts. */
  offer(): Promise<Result<ShownCode>>;
  /** Meets the device that shows what was typed, scanned or pasted. */
  answer(typed: string): Promise<Result<MetDevice>>;
  /** Ends what is under way: nobody waits any more. */
  close(): void;
}
/** Its code is loaded when somebody wants it. */
export type OpenPairing = () => Promise<Pairing>;

export interface ShownCode {
  readonly code: string;
  /** The same as a link, for a QR code. */
  readonly link: string;
  readonly met: Promise<Result<MetDevice>>;
}

/** The other device, before anything was given. */
export interface MetDevice {
  /** What it calls itself. */
  readonly label: string;
  /** What it offers; undefined when it asks for ours. */
  readonly account: { readonly address: string; readonly identityKey: string } | undefined;
  /** The person said yes: resolves when the account is in use on the new device. */
  confirm(): Promise<Result<true>>;
  decline(): Promise<Result<true>>;
}

export interface Session {
  /** Called at once with the present stage and after each change. */
  subscribe(listener: (stage: Stage) => void): () => void;
}
