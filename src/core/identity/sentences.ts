/** What identity says to people (core/codec/sentence.ts): addresses, invitations, words, the authority, pairing. */
import { sayerOf } from '../codec/sentence.ts';

export const identitySentences = {
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
} as const;

/** The sentence in English. */
export const sentence = sayerOf(identitySentences);
