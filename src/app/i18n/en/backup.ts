/** Back-up, restore and check of the mailbox. */
export const backup = {
  title: 'Back-up',
  saveTitle: 'Save your mailbox',
  saveWhat:
    'All your messages and attachments as one file, sealed as they are in the ring: without your 24 recovery words nobody can read it. Keep the words apart from the file.',
  save: 'Save a back-up',
  restoreTitle: 'Bring it back',
  restoreWhat:
    'Puts what is missing back where it belongs. Nothing newer is lost or overwritten, and you may do it again. Usually your words alone bring everything back; the file is for the day when they do not.',
  restore: 'Choose a back-up file',
  checkTitle: 'Check my mailbox',
  checkWhat:
    'Asks for each part of each message whether the devices of your organization that should keep it have it.',
  check: 'Check now',
  rebuildTitle: 'Bring back what is left',
  rebuildWhat:
    'For when a device of yours is gone and not all of its changes can be read any more: searches this device and the devices of your organization for what is left of them, and puts it into your mailbox.',
  rebuild: 'Search for it',
  deviceTitle: 'Check this device',
  deviceWhat:
    'Reads everything that this browser keeps, for you and for others, and proves that none of it was damaged on the disk.',
  device: 'Check this device',
  doing: {
    save: 'Saving',
    restore: 'Restoring',
    check: 'Checking, parts so far',
    rebuild: 'Searching, parts so far',
    device: 'Reading, things so far',
    import: 'Reading',
    export: 'Writing, messages so far',
  },
  progress: '{doing}: {far}',
  doneOf: '{done} of {total}',
  lookingAround: 'looking around',
  stop: 'Stop',
  stopped: 'Stopped. Nothing is broken by that.',
  details: 'Details',
  fileType: 'Back-up of a mailbox',
  mailbox: 'mailbox',
  saved: 'Saved: {count, plural, one {# message} other {# messages}} in {size}.',
  notInFile:
    '{count, plural, one {# part could not be fetched just now and is} other {# parts could not be fetched just now and are}} not in the file. Save again when more devices are online.',
  file: 'The file of {date}, written by {device}, had {then, plural, one {# message} other {# messages}}. Your mailbox now has {now, number}.',
  yourDevice: 'a device of yours',
  putBack: '{count, plural, one {# block} other {# blocks}} put back, {present, number} there already.',
  newerKept: 'What your devices did after the back-up was kept.',
  missingInFile:
    '{count, plural, one {# block that the file should have is} other {# blocks that the file should have are}} missing in it or damaged. What was sound is back.',
  notEverything: 'Not everything went well. You can restore the same file again.',
  empty: 'Your mailbox is empty: there is nothing to check yet.',
  checked:
    '{messages, plural, one {# message} other {# messages}}, in {blocks, plural, one {# block} other {# blocks}} of {size} altogether.',
  allKept: 'Each block is kept by all the devices of your organization that should keep it.',
  thin: '{count, plural, one {# block} other {# blocks}} not yet on all of them: copies are made by themselves.',
  unknown: 'About {count, plural, one {# block} other {# blocks}} nobody could be asked just now.',
  lost: '{count, plural, one {# block} other {# blocks}} nobody has any more. If you have a back-up, restore it.',
  notFollowed: 'Parts of the mailbox could not be followed; see below.',
  cameBack: '{count, plural, one {# message} other {# messages}} came back into your mailbox.',
  openThatDevice:
    'Should that device still be somewhere, open it: it has all of its changes. Else remove it under Devices; what was found stays. A back-up file may have more.',
  nothingMissing: 'Nothing is missing: all that your other devices are known to have changed is here.',
  notAllAsked:
    'Not everything could be asked for just now; see below. Search again when more devices are online.',
  labelled: '“{label}”',
  removedDevice: 'A removed device ({key})',
  twoHistories:
    '{device} has two different histories: nothing was taken over. A notice says what you can do.',
  remains:
    '{device}: {known, plural, one {# change} other {# changes}} known; {found, plural, =0 {none that was lacking here was found} one {# change came back} other {# changes came back}}.',
  remainsLacking:
    '{device}: {known, plural, one {# change} other {# changes}} known, of which nobody has {missing, number} any more; {found, plural, =0 {none that was lacking here was found} one {# change came back} other {# changes came back}}.',
  read: 'Read: {count, plural, one {# thing} other {# things}} on this device, {size} of data.',
  allSound: 'Each is what it was when it was written.',
  damaged:
    '{count, plural, one {# thing is} other {# things are}} damaged. Your messages are kept by other devices too: check your mailbox to see whether any is in danger, and save a back-up.',
  journalDamaged:
    'Damaged is also what this device noted of your mailbox. Add this device to your account anew, and what the others have comes back.',
  problem: '{what}: {reason}',
  more: '… and {count, number} more',
} as const;
