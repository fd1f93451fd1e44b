/** What core tells people without being asked (src/core/node/notices.ts): what happened, what it means, what to do. */
export const noticeSentences = {
  'notice/disk-full':
    'The disk of this device is full. New mail waits with other devices of your organization, and nothing was lost. Free some space on this device, or remove large messages.',
  'notice/over-quota':
    'Your mail takes all the space that your organization gives you. What has come since is not kept for you by other devices, so it may be lost when its senders delete it. Delete large messages for good, or ask your operator for more space.',
  'notice/removed':
    'This device was removed from your account on {day}, by another device of yours. New mail is not sealed to it any more. Erase it under Devices, or add it to an account again after that.',
  'notice/expel':
    '{label} was removed: nothing is sealed to it any more. Its place in the ring could not be taken away yet: {reason} That is tried again by itself, and this notice goes when it is done.',
  'notice/fallback':
    'A message to {name} was sealed with a long-lived key, for the device has not been online for days. Only they can read it; but should that device be stolen later, this message is easier to get than others.',
  'notice/key-changed':
    '{address} has a new key. That happens when somebody starts anew without the recovery words, and it would happen if somebody else took over the name. Ask them on another way before you write anything confidential.',
  'notice/restored-one':
    'Your mailbox is back: 1 message was found in the ring. It opens from other devices until it is on this one.',
  'notice/restored':
    'Your mailbox is back: {count} messages were found in the ring. They open from other devices until they are on this one.',
  'notice/certificate-ended':
    'The certificate by which other devices of your organization know this one has ended, and it could not be renewed ({reason}). Without it this device cannot send or receive; what you write waits on it, and nothing is lost. It is tried again by itself. Tell your operator if this stays.',
  'notice/certificate-day':
    'The certificate by which other devices of your organization know this one ends within a day, and it could not be renewed ({reason}). Without it this device cannot send or receive; what you write waits on it, and nothing is lost. It is tried again by itself. Tell your operator if this stays.',
  'notice/certificate':
    'The certificate by which other devices of your organization know this one ends in {days} days, and it could not be renewed ({reason}). Without it this device cannot send or receive; what you write waits on it, and nothing is lost. It is tried again by itself. Tell your operator if this stays.',
  'notice/proved': '{notice} What proves it: {proof}',
  'notice/recovered':
    'This device had lost the newest part of its mailbox; it was brought back from other devices of your organization. There is nothing to do.',
  'notice/rolled-back':
    'Devices of your organization show an older mailbox of your other device than was there before: they may be faulty, or lie. What you see here is the newer state; nothing was removed. Tell your operator if this stays.',
  'notice/forked':
    'There are two different histories of the mailbox of one of your devices: its disk was restored from a copy, or somebody uses its keys. The second history was not taken over. Check that device, and tell your operator. You end this when you stop following the device: it is removed from your account, and what was read of it stays in your mailbox.',
  'notice/withheld':
    'One of your devices has seen newer changes of your mailbox than can be found now. They are asked for again, and come by themselves when the device that made them is opened. If it is gone for good, bring back what is left of them.',
  'notice/lost':
    'A part of the changes that one of your devices made to your mailbox is not kept by any device of your organization any more, so what it did later cannot be read either. It comes back by itself when that device is opened. If it is gone for good, bring back what is left.',
  'notice/unreadable':
    'Some changes of your mailbox cannot be read: they are damaged, or made by a newer version of this program. Reload the page to get the newest version.',
  'notice/strangers':
    'None of the devices that this one has met in the last days can be reached (they belong to {people} people), but others are here. At an unusual hour or on a holiday that is ordinary. It would look the same if a relay kept your colleagues from you. Nothing is lost: what you send stays on this device too. If somebody you know should be here now, ask them on another way, and tell your operator. If this is as it should be, close this notice: who is here now will be known from then on.',
  'notice/smaller':
    'Far fewer devices of your organization are here than usual at this time of the week. On a holiday that is ordinary. Mail goes on, with fewer copies. If your colleagues are at work, tell your operator.',
  'notice/relays-differ':
    'Two relays of your organization show different devices near this one. One of them may be faulty, or hide devices from you. Mail goes on through both, and nothing is lost. Tell your operator if this stays.',
  'notice/relays-away':
    'Only one of the relays of your organization can be reached. Mail goes on; but what one relay says cannot be held against another now. Tell your operator if this stays.',
} as const;
