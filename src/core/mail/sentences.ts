/** What mail says to people (core/codec/sentence.ts): what cannot be done, how far a message is, and what proves it. */
import { sayerOf } from '../codec/sentence.ts';

export const mailSentences = {
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
} as const;

/** The sentence in English. */
export const sentence = sayerOf(mailSentences);
