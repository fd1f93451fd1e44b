/** Passing an account from one device to another. */
export const pairing = {
  other: 'The other device',
  offeredBy: 'offered by {label}',
  useHere:
    'Use this account here? Its whole mailbox comes to this browser. Then say yes on the other device, too.',
  asks: '<strong>{label}</strong> asks for your account.',
  careful:
    'Say yes only if you hold that device in your hands: it will read all your mail, and write in your name. Nobody who helps you needs this.',
  waiting: 'Waiting for the other device…',
  useAccount: 'Use this account',
  addDevice: 'Add this device',
  no: 'No',
  newCode: 'Try with a new code',
  howTo:
    'On the other device open ePOST and choose <strong>Devices, Add a device</strong>, or <strong>I have ePOST on another device</strong> where there is no account yet. Scan this with its camera, or type the code there.',
  code: 'Code',
  goodFor: 'Good for ten minutes, and for one device.',
  typeCode: 'Or type the code that the other device shows',
  looking: 'Looking…',
  connect: 'Connect',
  askingRelay: 'Asking the relay',
  qrCode: 'QR code of the link to this code',
  hasAccount: 'This browser has an account already.',
  vaultFailed: 'This browser’s key vault did not do it ({why}). Reload the page and try again.',
  cancelled: 'This was cancelled.',
} as const;
