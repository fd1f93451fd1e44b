/** German; what each is for stands in ../en/network.ts. */
import type { Translation } from '../message-types.ts';

export const network = {
  title: 'Netz',
  where: 'Wo ist sie?',
  chooseMessage: 'Nachricht wählen',
  option: '{subject} · {name}',
  askingAround: 'Es wird herumgefragt …',
  lightUp: 'Die Geräte, die sie aufbewahren, leuchten auf.',
  demonstration:
    'Wie findet E-Mail ohne Server ihren Weg? <link>Sehen Sie einem Ring bei der Arbeit zu</link>: Knoten treten bei, suchen, stürzen ab und erholen sich.',
  legend: 'Legende',
  legendDirect: 'direkte Verbindung',
  legendRelayed: 'über ein Relay',
  legendKeeps: 'bewahrt die Nachricht auf',
  drawing: 'Der Ring von {place}; die Tabelle darunter sagt dasselbe in Worten',
  drawingUnknown: 'Der Ring Ihrer Organisation; die Tabelle darunter sagt dasselbe in Worten',
  thisDevice: 'dieses Gerät',
  relay: 'Relay',
  caption: '{count, plural, one {# Gerät} other {# Geräte}} in der Reihenfolge ihrer Kennungen',
  who: 'Wer',
  what: 'Was',
  link: 'Verbindung',
  neighbour: 'Nachbar',
  keepsMessage: 'Bewahrt die Nachricht auf',
  roundTrip: 'Hin und zurück',
  milliseconds: '{count, number} ms',
  sent: 'Gesendet',
  received: 'Empfangen',
  nodeId: 'Knotenkennung',
  links: {
    direct: 'direkt',
    relayed: 'über ein Relay',
    none: 'bekannt, nicht verbunden',
  },
  roles: {
    tab: 'Browser',
    relay: 'Relay',
    bridge: 'Brücke',
  },
  alone:
    'Dieses Gerät ist im Augenblick allein. Was Sie senden, wartet hier sicher, bis andere wieder da sind.',
  keptByRelay: 'Das Relay bewahrt Ihre E-Mail mit Ihnen auf, versiegelt.',
  keptByDevices:
    '{count, plural, one {# anderes Gerät bewahrt} other {# andere Geräte bewahren}} Ihre E-Mail mit Ihnen auf, versiegelt.',
  keptByDevicesAndRelay:
    '{count, plural, one {# anderes Gerät} other {# andere Geräte}} und das Relay bewahren Ihre E-Mail mit Ihnen auf, versiegelt.',
  lookingForNeighbours: '{health} Nachbarn werden noch gesucht.',
  relayAway: '{health} Das Relay ist nicht erreichbar; E-Mail geht ohne es weiter.',
  disk: 'Dieser Browser bewahrt {count, plural, one {# versiegelten Block} other {# versiegelte Blöcke}} ({size}) für Ihre Organisation auf.',
  diskFull:
    '{disk} Sein Speicher ist voll: Schaffen Sie Platz, sonst geht vielleicht verloren, was Sie schreiben.',
  diskNotPromised: '{disk} Versprochen hat er es nicht: Installieren Sie die App, dann verspricht er es.',
  stored: 'Ihre E-Mail belegt {size} von {allowed}, die Ihre Organisation Ihnen gibt.',
  storedAll: '{stored} Löschen Sie etwas davon endgültig, um Platz zu schaffen.',
  noBlocks: 'Diese Nachricht hat keine Blöcke im Netz: Sie ist nur auf diesem Gerät.',
  someAway:
    'Sie liegt in {count, plural, one {# versiegelten Block} other {# versiegelten Blöcken}}; für einige davon antwortet im Augenblick niemand.',
  keptByAtLeast:
    'Sie liegt in {count, plural, one {# versiegelten Block} other {# versiegelten Blöcken}}, aufbewahrt von jeweils mindestens {devices, plural, one {# Gerät} other {# Geräten}}.',
  blocks: 'Blöcke der Nachricht: {count, number}',
  nobodyAnswers: 'niemand antwortet',
  refused: 'Abgewiesen: {count, plural, one {# Fall in letzter Zeit} other {# Fälle in letzter Zeit}}',
  nothingRefused: 'Von keinem anderen Gerät ist etwas Falsches gekommen.',
  counters: 'Zähler: {count, number}',
} as const satisfies Translation<'network'>;
