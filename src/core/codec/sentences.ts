/**
 * What core says to people, in one table: English with named facts. Sentences travel as text (in errors and refusals, between
 * tabs, over the wire, in logs on disk); a user interface finds code and facts of a text in this table, and words it in
 * another language. What is said to counters and logs alone is not here.
 */
import { noticeSentences } from './notice-sentences.ts';

export const sentences = {
  ...noticeSentences,

  'address/missing': 'An address is missing.',
  'address/no-at': '“{typed}” is not an address: it has no @.',
  'address/no-local': 'The part before the @ is missing.',
  'address/long-local': 'The part before the @ is longer than {max} bytes.',
  'address/character':
    'An address may not contain “{character}”: use letters, digits and . _ + - in “{typed}”.',
  'address/space': 'An address may not contain a space: use letters, digits and . _ + - in “{typed}”.',
  'address/invisible':
    'An address may not contain an invisible character: use letters, digits and . _ + - in “{typed}”.',
  'address/begins': 'An address begins with a letter or a digit.',
  'address/ends': 'The part before the @ may not end with a dot.',
  'address/dots': 'An address may not contain two dots in a row.',
  'address/no-domain': 'The part after the @ is missing.',
  'address/domain': '“{typed}” is not a domain like example.org.',
  'address/other-domain': 'Addresses of this organization end with @{domain}.',
  'address/reserved': '{address} is kept for the organization itself.',
  'address/taken': '{address} is taken already. Choose another address.',

  'invitation/part-missing': 'This is not an invitation: part of its link is missing or was changed.',
  'invitation/mistyped': 'This invitation has a typing mistake: its check digits do not fit.',
  'invitation/unknown': 'This organization did not make this invitation.',
  'invitation/expired': 'This invitation has expired. Ask for a new one.',
  'invitation/used-up': 'This invitation has been used up. Ask for a new one.',

  'words/one': 'There are {words} recovery words; this is 1.',
  'words/count': 'There are {words} recovery words; these are {count}.',
  'words/unknown': 'Word {place}, “{word}”, is not a recovery word.',
  'words/checksum': 'These words do not fit together: one is wrong, or their order is.',

  'authority/keys-of': 'These keys belong to {name} already.',
  'authority/other-ring': 'This request is for another organization.',
  'authority/unknown': 'Nobody has joined {domain} with these keys.',
  'authority/foreign-device': 'This device’s key belongs to somebody else.',
  'authority/removed': 'This device was removed from {name}. Erase it, then it can be added again.',
  'authority/too-many': '{name} has {count} devices already, the most there may be.',
  'authority/unsigned': 'The request is not signed by the keys that it names.',
  'authority/clock': 'This device’s clock is {hours} hours off: set it and try again.',
  'relay/too-many-requests': 'Too many requests from this address: wait a little and try again.',
  'relay/busy': 'The relay is busy: try again in a few seconds.',

  'pairing/character': '“{character}” is in no code: look again.',
  'pairing/length': 'A code has {length} letters and digits; this one has {count}.',
  'pairing/used': 'Another device has used this code already. Make a new one.',
  'pairing/expired': 'The ten minutes of this code are over. Make a new one.',
  'pairing/unknown':
    'Nobody is waiting behind this code: it was typed wrongly, its ten minutes are over, or it is of another organization.',
  'pairing/wrong-code': 'What came does not fit the code. Make a new code and try again.',
  'pairing/early-other':
    'The other device joined with an earlier version and cannot pass its account on. Use your 24 recovery words here.',
  'pairing/early-own':
    'This browser joined with an earlier version and cannot pass the account on. Use your 24 recovery words on the new device.',
  'pairing/wrong-account': 'The other device gave another account than the one it named.',
  'pairing/both-have': 'Both devices have an account already. A device can be added only while it has none.',
  'pairing/none-has': 'Neither of the two devices has an account that it could pass on.',
  'pairing/bad-hello': 'The other device says neither that it has an account nor that it wants one.',
  'pairing/bad-key': 'The other device sent a key that is none.',
  'pairing/not-asked': 'This browser did not ask another device for an account.',
  'pairing/unsealable': 'The other device sealed something else than an account.',
  'pairing/declined': 'The other device said no.',
  'pairing/slot-taken': 'Another device was here before.',
  'pairing/place-unknown': 'Nobody is waiting here, or the ten minutes are over.',
  'pairing/too-many-waiting': 'Others wait for the same message already.',
  'pairing/too-many-places': 'Too many devices are being added just now: try again in ten minutes.',

  'mail/no-recipient': 'Say who the message is for.',
  'mail/too-many-recipients': 'A message can have {max} recipients; this one has {count}.',
  'mail/too-many-attachments': 'A message can have {max} attachments; this one has {count}.',
  'mail/large-attachment': '“{name}” has {size}; an attachment can have {max}.',
  'mail/large-attachments': 'The attachments have {size} together; a message can have {max}.',
  'mail/long-text': 'The text is longer than {max}: attach it as a file.',
  'mail/long-headers': 'The addresses and file names of this message are too long together: send it in two.',
  'mail/other-organization':
    '{address} is in another organization; only people of {domain} can be written to.',
  'mail/nobody': 'There is nobody called {address} in {domain}.',
  'mail/nobody-of-name': 'There is nobody of that name.',
  'mail/not-in-mailbox': 'This message is not in the mailbox.',
  'mail/no-attachment': 'The message has no such attachment.',
  'mail/no-part': 'The attachment has no such part.',
  'mail/nowhere': 'Nobody in the ring holds this any more.',
  'mail/out-of-reach':
    'This is not on this device, and the devices that hold it cannot be reached. Try again when you are online.',
  'mail/damaged': 'What was stored is damaged and cannot be opened.',
  'mail/disk-full':
    'The disk of this device is full, so this could not be kept. Free some space, then try again; nothing was lost.',
  'mail/over-quota':
    'Your mail takes all the space that your organization gives you, so this waits. Ask its operator for help; nothing was lost.',
  'delivery/waits-for-copies': 'Waiting until other devices of your organization have taken copies.',
  'delivery/waits-for-network': 'Waiting for the network: it goes out by itself.',
  'delivery/no-mailbox': '{address} has not opened a mailbox yet.',
  'delivery/limited': 'You have sent {address} {count} messages today: this one goes out tomorrow by itself.',
  'delivery/lost':
    'A part of this message was lost on this device before it was sent. Please write it again.',
  'delivery/not-fetched':
    '{address} has not fetched this message for 30 days, so it counts as undelivered. Reach them in another way, or send it again.',
  'delivery/undelivered': 'It could not be delivered.',

  'evidence/written': 'Written on this device; it is sent even if you close the window now.',
  'evidence/kept-by-one': 'Kept by 1 device of your organization.',
  'evidence/kept': 'Kept by {count} devices of your organization.',
  'evidence/device': 'A device of {name} has the notification on its disk.',
  'evidence/inbox-by-one': 'In the inbox of {name}, kept by 1 device until it is fetched.',
  'evidence/inbox': 'In the inbox of {name}, kept by {count} devices until it is fetched.',
  'evidence/received': '{name}’s device has confirmed that the message is in the mailbox.',
  'evidence/read': '{name} has read it.',

  'client/stopped': 'The mailbox was closed in this window.',
  'client/failed': 'Something went wrong on this device ({reason}). Try again.',
  'client/no-leader': 'The tab that runs your mail does not answer. Reload this page.',
  'client/too-much': 'Too much at once: try again in a moment.',
  'device/no-name': 'A device needs a name.',
  'device/itself': 'A device cannot remove itself: do it from another one.',
  'device/noted':
    'Your organization is not reached just now. It was noted here, and happens when it is back.',
  'backup/busy': 'A back-up, restore or check is going on already; wait for it, or stop it.',
  'backup/disk-full': 'The disk of this device is full. Free some space, then try again; nothing was lost.',
  'backup/unreachable': 'The devices of your organization cannot be reached. Try again when you are online.',
  'backup/stopped': 'It was stopped.',
  'backup/other-ring': 'This file is a mailbox of {name} in another organization’s ring.',
  'backup/other-person':
    'This file is the mailbox of {name}, made with other recovery words than those of this browser.',
  'backup/unsound': 'This file is no sound back-up of a mailbox: {reason}.',
  'backup/file-is': 'The file is {reason}.',
} as const;

export type SentenceCode = keyof typeof sentences;

type FactNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | FactNames<Rest>
  : never;

/** What a sentence names. */
export type FactsOf<Code extends SentenceCode> = Readonly<
  Record<FactNames<(typeof sentences)[Code]>, string | number>
>;

/** The sentence in English. */
export function sentence<Code extends SentenceCode>(
  code: Code,
  ...facts: [FactNames<(typeof sentences)[Code]>] extends [never] ? [] : [FactsOf<Code>]
): string {
  const named: Readonly<Record<string, string | number>> = facts[0] ?? {};
  return sentences[code].replace(/\{(\w+)\}/g, (_, name: string) => String(named[name]));
}

export interface Recognised {
  readonly code: SentenceCode;
  readonly facts: Readonly<Record<string, string>>;
}

/** Which sentence a text is, with its facts as text; undefined for any other text. Longer texts than 2,000 characters are none. */
export function recognised(text: string): Recognised | undefined {
  if (text.length > SENTENCE_CHARACTERS_MAX) return undefined;
  patterns ??= (Object.keys(sentences) as SentenceCode[]).map((code) => [code, patternOf(sentences[code])]);
  for (const [code, pattern] of patterns) {
    const match = pattern.exec(text);
    if (match) return { code, facts: { ...match.groups } };
  }
  return undefined;
}

const SENTENCE_CHARACTERS_MAX = 2_000;
let patterns: readonly (readonly [SentenceCode, RegExp])[] | undefined;

function patternOf(template: string): RegExp {
  const literal = template.replace(/[.*+?^$()|[\]\\/-]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\{(\w+)\}/g, '(?<$1>.+?)')}$`, 's');
}
