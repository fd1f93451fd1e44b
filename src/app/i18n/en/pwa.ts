/** What the app asks of the browser around it: notifications, installing, disk, updates. */
export const pwa = {
  mailCame: '{count, plural, one {New mail} other {# new messages}}',
  offerNotifications: 'Mail came while you were elsewhere. Should this browser tell you next time?',
  tellMe: 'Tell me',
  willTell: 'You will be told that mail came. The settings can add sender and subject.',
  cannotTell: 'The browser does not allow ePOST to tell you. Its settings for this site can change that.',
  offerInstall:
    'Install ePOST: it gets an icon and a window of its own, and the browser keeps your mail for good.',
  install: 'Install',
  newVersion: 'ePOST {version} is here.',
  title: 'This browser',
  notifications: 'When mail comes while ePOST is out of sight',
  tellings: {
    off: 'Say nothing',
    mail: 'Say that it came',
    content: 'Say from whom, and what about',
  },
  notificationsHint: 'Whoever sees the screen sees it, even when it is locked. ePOST must be open somewhere.',
  notificationsAbsent: 'This browser has no notifications.',
  disk: 'Your mail on this disk',
  diskKept: 'The browser has promised to keep it until you erase it yourself.',
  diskMayGo:
    'The browser may erase it when the disk gets full, or when you have not been here for long. Your other devices and your 24 words bring it back.',
  askToKeep: 'Ask the browser to keep it',
  notPromised: 'It has not promised it. Most browsers do once ePOST is installed, or used more often.',
  app: 'The app',
  installWhat:
    'Installed, ePOST has an icon with the number of unread messages and a window of its own, opens without a network, and the browser keeps its mail.',
  version: 'Version {version}',
} as const;
