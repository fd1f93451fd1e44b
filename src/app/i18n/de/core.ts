/** German; what each is for stands in src/core/node/sentences.ts. */
import type { Translation } from '../message-types.ts';

export const core = {
  'address/missing': 'Eine Adresse fehlt.',
  'address/no-at': '„{typed}“ ist keine Adresse: Das @ fehlt.',
  'address/no-local': 'Der Teil vor dem @ fehlt.',
  'address/long-local': 'Der Teil vor dem @ ist länger als {max, number} Byte.',
  'address/character':
    'Eine Adresse darf „{character}“ nicht enthalten: Verwenden Sie in „{typed}“ Buchstaben, Ziffern und . _ + -.',
  'address/space':
    'Eine Adresse darf kein Leerzeichen enthalten: Verwenden Sie in „{typed}“ Buchstaben, Ziffern und . _ + -.',
  'address/invisible':
    'Eine Adresse darf kein unsichtbares Zeichen enthalten: Verwenden Sie in „{typed}“ Buchstaben, Ziffern und . _ + -.',
  'address/begins': 'Eine Adresse beginnt mit einem Buchstaben oder einer Ziffer.',
  'address/ends': 'Der Teil vor dem @ darf nicht mit einem Punkt enden.',
  'address/dots': 'Eine Adresse darf keine zwei Punkte hintereinander enthalten.',
  'address/no-domain': 'Der Teil nach dem @ fehlt.',
  'address/domain': '„{typed}“ ist keine Domain wie example.org.',
  'address/other-domain': 'Adressen dieser Organisation enden auf @{domain}.',
  'address/reserved': '{address} ist der Organisation selbst vorbehalten.',
  'address/taken': '{address} ist schon vergeben. Wählen Sie eine andere Adresse.',
  'invitation/part-missing': 'Das ist keine Einladung: Ein Teil des Links fehlt oder wurde verändert.',
  'invitation/mistyped': 'Diese Einladung enthält einen Tippfehler: Ihre Prüfziffern passen nicht.',
  'invitation/unknown': 'Diese Einladung stammt nicht von dieser Organisation.',
  'invitation/expired': 'Diese Einladung ist abgelaufen. Bitten Sie um eine neue.',
  'invitation/used-up': 'Diese Einladung ist aufgebraucht. Bitten Sie um eine neue.',
  'words/one': 'Es gibt {words, number} Wiederherstellungswörter; das ist 1.',
  'words/count': 'Es gibt {words, number} Wiederherstellungswörter; das sind {count, number}.',
  'words/unknown': 'Wort {place}, „{word}“, ist kein Wiederherstellungswort.',
  'words/checksum': 'Diese Wörter passen nicht zusammen: Eines ist falsch, oder ihre Reihenfolge ist es.',
  'authority/keys-of': 'Diese Schlüssel gehören schon {name}.',
  'authority/other-ring': 'Diese Anfrage gilt einer anderen Organisation.',
  'authority/unknown': 'Mit diesen Schlüsseln ist niemand {domain} beigetreten.',
  'authority/foreign-device': 'Der Schlüssel dieses Geräts gehört jemand anderem.',
  'authority/removed':
    'Dieses Gerät wurde aus dem Konto {name} entfernt. Löschen Sie es, dann kann es wieder hinzugefügt werden.',
  'authority/too-many': '{name} hat schon {count, number} Geräte, mehr sind nicht möglich.',
  'authority/unsigned': 'Die Anfrage ist nicht mit den Schlüsseln unterschrieben, die sie nennt.',
  'authority/clock':
    'Die Uhr dieses Geräts geht um {hours, plural, one {# Stunde} other {# Stunden}} falsch: Stellen Sie sie, und versuchen Sie es noch einmal.',
  'relay/too-many-requests':
    'Zu viele Anfragen von dieser Adresse: Warten Sie ein wenig, und versuchen Sie es noch einmal.',
  'relay/busy': 'Das Relay ist beschäftigt: Versuchen Sie es in ein paar Sekunden noch einmal.',
  'pairing/character': '„{character}“ kommt in keinem Code vor: Sehen Sie noch einmal nach.',
  'pairing/length': 'Ein Code hat {length, number} Buchstaben und Ziffern; dieser hat {count, number}.',
  'pairing/used': 'Ein anderes Gerät hat diesen Code schon benutzt. Erstellen Sie einen neuen.',
  'pairing/expired': 'Die zehn Minuten dieses Codes sind vorbei. Erstellen Sie einen neuen.',
  'pairing/unknown':
    'Hinter diesem Code wartet niemand: Er wurde falsch eingegeben, seine zehn Minuten sind vorbei, oder er gehört zu einer anderen Organisation.',
  'pairing/wrong-code':
    'Was kam, passt nicht zum Code. Erstellen Sie einen neuen Code, und versuchen Sie es noch einmal.',
  'pairing/early-other':
    'Das andere Gerät ist mit einer früheren Version beigetreten und kann sein Konto nicht weitergeben. Verwenden Sie hier Ihre 24 Wiederherstellungswörter.',
  'pairing/early-own':
    'Dieser Browser ist mit einer früheren Version beigetreten und kann das Konto nicht weitergeben. Verwenden Sie auf dem neuen Gerät Ihre 24 Wiederherstellungswörter.',
  'pairing/wrong-account': 'Das andere Gerät hat ein anderes Konto gegeben als das, das es genannt hat.',
  'pairing/both-have':
    'Beide Geräte haben schon ein Konto. Ein Gerät lässt sich nur hinzufügen, solange es keines hat.',
  'pairing/none-has': 'Keines der beiden Geräte hat ein Konto, das es weitergeben könnte.',
  'pairing/bad-hello': 'Das andere Gerät sagt weder, dass es ein Konto hat, noch, dass es eines möchte.',
  'pairing/bad-key': 'Das andere Gerät hat einen Schlüssel geschickt, der keiner ist.',
  'pairing/not-asked': 'Dieser Browser hat kein anderes Gerät um ein Konto gebeten.',
  'pairing/unsealable': 'Das andere Gerät hat etwas anderes als ein Konto versiegelt.',
  'pairing/declined': 'Das andere Gerät hat Nein gesagt.',
  'pairing/slot-taken': 'Ein anderes Gerät war vorher hier.',
  'pairing/place-unknown': 'Hier wartet niemand, oder die zehn Minuten sind vorbei.',
  'pairing/too-many-waiting': 'Auf dieselbe Nachricht warten schon andere.',
  'pairing/too-many-places':
    'Gerade werden zu viele Geräte hinzugefügt: Versuchen Sie es in zehn Minuten noch einmal.',
  'mail/no-recipient': 'Geben Sie an, für wen die Nachricht ist.',
  'mail/too-many-recipients': 'Eine Nachricht kann {max, number} Empfänger haben; diese hat {count, number}.',
  'mail/too-many-attachments': 'Eine Nachricht kann {max, number} Anhänge haben; diese hat {count, number}.',
  'mail/large-attachment': '„{name}“ hat {size}; ein Anhang kann {max} haben.',
  'mail/large-attachments': 'Die Anhänge haben zusammen {size}; eine Nachricht kann {max} haben.',
  'mail/long-text': 'Der Text ist länger als {max}: Hängen Sie ihn als Datei an.',
  'mail/long-headers':
    'Die Adressen und Dateinamen dieser Nachricht sind zusammen zu lang: Senden Sie sie in zweien.',
  'mail/other-organization':
    '{address} gehört zu einer anderen Organisation; schreiben kann man nur Personen von {domain}.',
  'mail/nobody': 'In {domain} gibt es niemanden mit der Adresse {address}.',
  'mail/nobody-of-name': 'Niemand heißt so.',
  'mail/not-in-mailbox': 'Diese Nachricht ist nicht im Postfach.',
  'mail/no-attachment': 'Die Nachricht hat keinen solchen Anhang.',
  'mail/no-part': 'Der Anhang hat keinen solchen Teil.',
  'mail/nowhere': 'Das hat niemand im Ring mehr.',
  'mail/out-of-reach':
    'Das ist nicht auf diesem Gerät, und die Geräte, die es haben, sind nicht erreichbar. Versuchen Sie es noch einmal, wenn Sie online sind.',
  'mail/damaged': 'Was gespeichert war, ist beschädigt und lässt sich nicht öffnen.',
  'mail/disk-full':
    'Der Speicher dieses Geräts ist voll; deshalb konnte das nicht aufbewahrt werden. Schaffen Sie Platz, und versuchen Sie es dann noch einmal; verloren ging nichts.',
  'mail/over-quota':
    'Ihre E-Mail belegt allen Platz, den Ihre Organisation Ihnen gibt; deshalb wartet das. Bitten Sie deren Betreiber um Hilfe; verloren ging nichts.',
  'delivery/waits-for-copies': 'Wartet, bis andere Geräte Ihrer Organisation Kopien übernommen haben.',
  'delivery/waits-for-network': 'Wartet auf das Netz: Sie geht von selbst hinaus.',
  'delivery/no-mailbox': '{address} hat noch kein Postfach geöffnet.',
  'delivery/limited':
    'Sie haben {address} heute {count, number} Nachrichten gesendet: Diese geht morgen von selbst hinaus.',
  'delivery/lost':
    'Ein Teil dieser Nachricht ging auf diesem Gerät verloren, bevor sie gesendet war. Bitte schreiben Sie sie noch einmal.',
  'delivery/not-fetched':
    '{address} hat diese Nachricht 30 Tage lang nicht abgeholt; sie gilt daher als nicht zugestellt. Melden Sie sich auf anderem Weg, oder senden Sie sie noch einmal.',
  'delivery/undelivered': 'Sie konnte nicht zugestellt werden.',
  'evidence/written':
    'Auf diesem Gerät geschrieben; sie wird gesendet, auch wenn Sie das Fenster jetzt schließen.',
  'evidence/kept-by-one': 'Aufbewahrt von 1 Gerät Ihrer Organisation.',
  'evidence/kept': 'Aufbewahrt von {count, number} Geräten Ihrer Organisation.',
  'evidence/device': 'Ein Gerät von {name} hat die Benachrichtigung auf seinem Datenträger.',
  'evidence/inbox-by-one': 'Im Posteingang von {name}, aufbewahrt von 1 Gerät, bis sie abgeholt wird.',
  'evidence/inbox':
    'Im Posteingang von {name}, aufbewahrt von {count, number} Geräten, bis sie abgeholt wird.',
  'evidence/received': 'Das Gerät von {name} hat bestätigt, dass die Nachricht im Postfach ist.',
  'evidence/read': '{name} hat sie gelesen.',
  'client/stopped': 'Das Postfach wurde in diesem Fenster geschlossen.',
  'client/failed': 'Auf diesem Gerät ging etwas schief ({reason}). Versuchen Sie es noch einmal.',
  'client/no-leader': 'Der Tab, der Ihre E-Mail betreibt, antwortet nicht. Laden Sie diese Seite neu.',
  'client/too-much': 'Zu viel auf einmal: Versuchen Sie es gleich noch einmal.',
  'device/no-name': 'Ein Gerät braucht einen Namen.',
  'device/itself': 'Ein Gerät kann sich nicht selbst entfernen: Tun Sie es von einem anderen aus.',
  'device/noted':
    'Ihre Organisation ist gerade nicht erreichbar. Es wurde hier notiert und geschieht, sobald sie wieder da ist.',
  'backup/busy':
    'Eine Sicherung, ein Zurückholen oder eine Prüfung läuft schon; warten Sie darauf, oder halten Sie sie an.',
  'backup/disk-full':
    'Der Speicher dieses Geräts ist voll. Schaffen Sie Platz, und versuchen Sie es dann noch einmal; verloren ging nichts.',
  'backup/unreachable':
    'Die Geräte Ihrer Organisation sind nicht erreichbar. Versuchen Sie es noch einmal, wenn Sie online sind.',
  'backup/stopped': 'Es wurde angehalten.',
  'backup/other-ring': 'Diese Datei ist ein Postfach von {name} im Ring einer anderen Organisation.',
  'backup/other-person':
    'Diese Datei ist das Postfach von {name}, erstellt mit anderen Wiederherstellungswörtern als denen dieses Browsers.',
  'backup/unsound': 'Diese Datei ist keine heile Sicherung eines Postfachs: {reason}.',
  'backup/file-is': 'An der Datei stimmt etwas nicht: {reason}.',
  'notice/disk-full':
    'Der Speicher dieses Geräts ist voll. Neue E-Mail wartet bei anderen Geräten Ihrer Organisation, und verloren ging nichts. Schaffen Sie Platz auf diesem Gerät, oder entfernen Sie große Nachrichten.',
  'notice/over-quota':
    'Ihre E-Mail belegt allen Platz, den Ihre Organisation Ihnen gibt. Was seither gekommen ist, bewahren andere Geräte nicht für Sie auf; es kann also verloren gehen, wenn seine Absender es löschen. Löschen Sie große Nachrichten endgültig, oder bitten Sie Ihren Betreiber um mehr Platz.',
  'notice/removed':
    'Dieses Gerät wurde am {day} von einem anderen Ihrer Geräte aus Ihrem Konto entfernt. Neue E-Mail wird nicht mehr für es versiegelt. Löschen Sie es unter „Geräte“, oder fügen Sie es danach wieder einem Konto hinzu.',
  'notice/expel':
    '{label} wurde entfernt: Dafür wird nichts mehr versiegelt. Der Platz im Ring konnte noch nicht weggenommen werden: {reason} Das wird von selbst erneut versucht, und dieser Hinweis verschwindet, wenn es getan ist.',
  'notice/fallback':
    'Eine Nachricht an {name} wurde mit einem langlebigen Schlüssel versiegelt, denn das Gerät war seit Tagen nicht online. Niemand sonst kann sie lesen; sollte das Gerät aber später gestohlen werden, ist an diese Nachricht leichter heranzukommen als an andere.',
  'notice/key-changed':
    '{address} hat einen neuen Schlüssel. Das kommt vor, wenn jemand ohne die Wiederherstellungswörter neu anfängt, und es wäre auch so, wenn jemand anders den Namen übernommen hätte. Fragen Sie auf einem anderen Weg nach, bevor Sie etwas Vertrauliches schreiben.',
  'notice/restored-one':
    'Ihr Postfach ist zurück: 1 Nachricht wurde im Ring gefunden. Sie öffnet sich von anderen Geräten, bis sie auf diesem ist.',
  'notice/restored':
    'Ihr Postfach ist zurück: {count, number} Nachrichten wurden im Ring gefunden. Sie öffnen sich von anderen Geräten, bis sie auf diesem sind.',
  'notice/certificate-ended':
    'Das Zertifikat, an dem andere Geräte Ihrer Organisation dieses erkennen, ist abgelaufen und ließ sich nicht erneuern ({reason}). Ohne es kann dieses Gerät weder senden noch empfangen; was Sie schreiben, wartet darauf, und nichts geht verloren. Es wird von selbst erneut versucht. Sagen Sie Ihrem Betreiber Bescheid, wenn das so bleibt.',
  'notice/certificate-day':
    'Das Zertifikat, an dem andere Geräte Ihrer Organisation dieses erkennen, läuft binnen eines Tages ab und ließ sich nicht erneuern ({reason}). Ohne es kann dieses Gerät weder senden noch empfangen; was Sie schreiben, wartet darauf, und nichts geht verloren. Es wird von selbst erneut versucht. Sagen Sie Ihrem Betreiber Bescheid, wenn das so bleibt.',
  'notice/certificate':
    'Das Zertifikat, an dem andere Geräte Ihrer Organisation dieses erkennen, läuft in {days, number} Tagen ab und ließ sich nicht erneuern ({reason}). Ohne es kann dieses Gerät weder senden noch empfangen; was Sie schreiben, wartet darauf, und nichts geht verloren. Es wird von selbst erneut versucht. Sagen Sie Ihrem Betreiber Bescheid, wenn das so bleibt.',
  'notice/proved': '{notice} Was es beweist: {proof}',
  'notice/recovered':
    'Dieses Gerät hatte den neuesten Teil seines Postfachs verloren; er wurde von anderen Geräten Ihrer Organisation zurückgeholt. Es ist nichts zu tun.',
  'notice/rolled-back':
    'Geräte Ihrer Organisation zeigen ein älteres Postfach Ihres anderen Geräts, als zuvor da war: Sie könnten defekt sein oder lügen. Was Sie hier sehen, ist der neuere Stand; entfernt wurde nichts. Sagen Sie Ihrem Betreiber Bescheid, wenn das so bleibt.',
  'notice/forked':
    'Vom Postfach eines Ihrer Geräte gibt es zwei verschiedene Geschichten: Sein Datenträger wurde aus einer Kopie wiederhergestellt, oder jemand verwendet seine Schlüssel. Die zweite Geschichte wurde nicht übernommen. Prüfen Sie das Gerät, und sagen Sie Ihrem Betreiber Bescheid. Sie beenden dies, indem Sie dem Gerät nicht mehr folgen: Es wird aus Ihrem Konto entfernt, und was davon gelesen wurde, bleibt in Ihrem Postfach.',
  'notice/withheld':
    'Eines Ihrer Geräte hat neuere Änderungen Ihres Postfachs gesehen, als jetzt zu finden sind. Nach ihnen wird erneut gefragt, und sie kommen von selbst, wenn das Gerät geöffnet wird, das sie gemacht hat. Ist es für immer weg, holen Sie zurück, was davon noch da ist.',
  'notice/lost':
    'Einen Teil der Änderungen, die eines Ihrer Geräte an Ihrem Postfach vorgenommen hat, bewahrt kein Gerät Ihrer Organisation mehr auf, deshalb ist auch nicht lesbar, was es danach getan hat. Es kommt von selbst zurück, wenn jenes Gerät geöffnet wird. Ist es für immer weg, holen Sie zurück, was noch da ist.',
  'notice/unreadable':
    'Einige Änderungen Ihres Postfachs sind nicht lesbar: Sie sind beschädigt oder stammen von einer neueren Version dieses Programms. Laden Sie die Seite neu, um die neueste Version zu bekommen.',
  'notice/strangers':
    'Keines der Geräte, die dieses in den letzten Tagen getroffen hat, ist erreichbar (sie gehören {people, plural, one {# Person} other {# Personen}}), aber andere sind da. Zu ungewöhnlicher Stunde oder an einem Feiertag ist das normal. Es sähe ebenso aus, wenn ein Relay Ihre Kolleginnen und Kollegen von Ihnen fernhielte. Verloren ist nichts: Was Sie senden, bleibt auch auf diesem Gerät. Wenn jemand, den Sie kennen, jetzt da sein sollte, fragen Sie auf einem anderen Weg nach, und sagen Sie Ihrem Betreiber Bescheid. Wenn es so seine Richtigkeit hat, schließen Sie diesen Hinweis: Wer jetzt da ist, gilt von da an als bekannt.',
  'notice/smaller':
    'Es sind weit weniger Geräte Ihrer Organisation da als sonst um diese Zeit der Woche. An einem Feiertag ist das normal. E-Mail geht weiter, mit weniger Kopien. Wenn Ihre Kolleginnen und Kollegen bei der Arbeit sind, sagen Sie Ihrem Betreiber Bescheid.',
  'notice/relays-differ':
    'Zwei Relays Ihrer Organisation zeigen verschiedene Geräte in der Nähe von diesem. Eines davon ist vielleicht defekt oder verbirgt Geräte vor Ihnen. E-Mail geht über beide weiter, und nichts ist verloren. Sagen Sie Ihrem Betreiber Bescheid, wenn das so bleibt.',
  'notice/relays-away':
    'Nur eines der Relays Ihrer Organisation ist erreichbar. E-Mail geht weiter; aber was ein Relay sagt, lässt sich jetzt nicht mit einem anderen vergleichen. Sagen Sie Ihrem Betreiber Bescheid, wenn das so bleibt.',
} as const satisfies Translation<'core'>;
