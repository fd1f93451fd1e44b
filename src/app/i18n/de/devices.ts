/** German; what each is for stands in ../en/devices.ts. */
import type { Translation } from '../message-types.ts';

export const devices = {
  title: 'Geräte',
  add: 'Gerät hinzufügen',
  intro:
    'Jedes davon hat Ihr ganzes Postfach und Ihre Schlüssel. Eines, das Sie nicht mehr haben, entfernen Sie.',
  looking: 'Es wird nachgesehen …',
  added: '{label} wurde hinzugefügt. Das Postfach dort füllt sich von selbst.',
  renamed: 'Dieses Gerät hat einen neuen Namen',
  removed: '{label} wurde entfernt',
  thisDevice: '(dieses Gerät)',
  since: 'Hinzugefügt {date}',
  sinceAndSeen: 'Hinzugefügt {date}, zuletzt aktiv {seen}',
  rename: 'Umbenennen',
  remove: 'Entfernen',
  nameOfThis: 'Name dieses Geräts',
  removeLabel: '{label} entfernen',
  sure: '{label} entfernen? Neue E-Mail wird nicht mehr für dieses Gerät versiegelt, und es erfährt davon. Was es bisher getan hat, bleibt in Ihrem Postfach; was es von jetzt an tut, kommt dort nicht mehr an. Es behält, was es hat, auch die Schlüssel: Wer es entsperrt in Händen hat, kann weiterhin in Ihrem Namen schreiben. Das lässt sich nicht rückgängig machen; hinzugefügt werden kann das Gerät wieder, nachdem es gelöscht wurde.',
  removing: 'Wird entfernt …',
  removeThis: 'Dieses Gerät entfernen',
  keepIt: 'Behalten',
  wasRemoved:
    'Dieses Gerät wurde {date} aus Ihrem Konto entfernt. Neue E-Mail wird nicht mehr für es versiegelt. Was es aufbewahrt hat, ist noch hier.',
  eraseMeans:
    'Schlüssel und Postfach werden endgültig aus diesem Browser gelöscht; Ihre anderen Geräte behalten die ihren.',
  eraseAll: 'Hier alles löschen',
  erase: 'Dieses Gerät löschen',
  unnamedBrowser: 'Ein Browser',
  unnamedSystem: 'einem Gerät',
  label: '{browser} auf {system}',
} as const satisfies Translation<'devices'>;
