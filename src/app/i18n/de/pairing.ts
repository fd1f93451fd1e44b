/** German; what each is for stands in ../en/pairing.ts. */
import type { Translation } from '../message-types.ts';

export const pairing = {
  other: 'Das andere Gerät',
  offeredBy: 'angeboten von {label}',
  useHere:
    'Dieses Konto hier verwenden? Das ganze Postfach kommt in diesen Browser. Sagen Sie danach auch auf dem anderen Gerät Ja.',
  asks: '<strong>{label}</strong> bittet um Ihr Konto.',
  careful:
    'Sagen Sie nur Ja, wenn Sie das Gerät in Händen halten: Es wird Ihre ganze E-Mail lesen und in Ihrem Namen schreiben. Niemand, der Ihnen hilft, braucht das.',
  waiting: 'Es wird auf das andere Gerät gewartet …',
  useAccount: 'Dieses Konto verwenden',
  addDevice: 'Dieses Gerät hinzufügen',
  no: 'Nein',
  newCode: 'Mit neuem Code versuchen',
  howTo:
    'Öffnen Sie ePOST auf dem anderen Gerät und wählen Sie <strong>Geräte, Gerät hinzufügen</strong> oder, wenn es dort noch kein Konto gibt, <strong>Ich habe ePOST auf einem anderen Gerät</strong>. Scannen Sie dies mit seiner Kamera, oder geben Sie dort den Code ein.',
  code: 'Code',
  goodFor: 'Gilt zehn Minuten und für ein Gerät.',
  typeCode: 'Oder geben Sie den Code ein, den das andere Gerät zeigt',
  looking: 'Es wird gesucht …',
  connect: 'Verbinden',
  askingRelay: 'Das Relay wird gefragt',
  qrCode: 'QR-Code des Links zu diesem Code',
  hasAccount: 'Dieser Browser hat schon ein Konto.',
  vaultFailed:
    'Der Schlüsseltresor dieses Browsers hat das nicht getan ({why}). Laden Sie die Seite neu und versuchen Sie es noch einmal.',
  cancelled: 'Das wurde abgebrochen.',
} as const satisfies Translation<'pairing'>;
