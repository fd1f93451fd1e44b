/** French; what each is for stands in ../en/pairing.ts. */
import type { Translation } from '../message-types.ts';

export const pairing = {
  other: 'L’autre appareil',
  offeredBy: 'proposé par {label}',
  useHere:
    'Utiliser ce compte ici ? Toute sa boîte aux lettres vient dans ce navigateur. Dites ensuite oui sur l’autre appareil aussi.',
  asks: '<strong>{label}</strong> demande votre compte.',
  careful:
    'Ne dites oui que si vous tenez cet appareil entre vos mains : il lira tout votre courrier et écrira en votre nom. Personne qui vous aide n’en a besoin.',
  waiting: 'En attente de l’autre appareil…',
  useAccount: 'Utiliser ce compte',
  addDevice: 'Ajouter cet appareil',
  no: 'Non',
  newCode: 'Essayer avec un nouveau code',
  howTo:
    'Sur l’autre appareil, ouvrez ePOST et choisissez <strong>Appareils, Ajouter un appareil</strong>, ou <strong>J’ai ePOST sur un autre appareil</strong> s’il n’y a pas encore de compte. Scannez ceci avec son appareil photo, ou saisissez-y le code.',
  code: 'Code',
  goodFor: 'Valable dix minutes, et pour un seul appareil.',
  typeCode: 'Ou saisissez le code que montre l’autre appareil',
  looking: 'Recherche…',
  connect: 'Connecter',
  askingRelay: 'On interroge le relais',
  qrCode: 'QR code du lien vers ce code',
  hasAccount: 'Ce navigateur a déjà un compte.',
  vaultFailed: 'Le coffre à clés de ce navigateur ne l’a pas fait ({why}). Rechargez la page et réessayez.',
  cancelled: 'Cela a été annulé.',
} as const satisfies Translation<'pairing'>;
