/** Where messages are listed: folders, labels, and what is starred. */
import {
  isLabelId,
  isOwnFolder,
  isSystemFolder,
  type Folder,
  type LabelId,
} from '../../core/mail/folders.ts';
import type { MessageView, OrganizationView } from '../../core/mail/views.ts';
import { t } from '../i18n/translate.svelte.ts';

export type LabelPlace = `label-${LabelId}`;
export type Place = Folder | 'starred' | LabelPlace;

export function isPlace(value: string): value is Place {
  return isSystemFolder(value) || isOwnFolder(value) || value === 'starred' || labelOf(value) !== undefined;
}

/** Undefined of what is no label's place. */
export function labelOf(place: string): LabelId | undefined {
  const id = place.startsWith('label-') ? place.slice('label-'.length) : undefined;
  return isLabelId(id) ? id : undefined;
}

/** Undefined of a label, and of what is starred. */
export function folderOf(place: Place): Folder | undefined {
  return isSystemFolder(place) || isOwnFolder(place) ? place : undefined;
}

/** Where a message is listed. What lies in the trash or the spam is listed nowhere else. */
export function placesOf({ folder, starred, labels }: MessageView): readonly Place[] {
  if (folder === 'trash' || folder === 'spam' || (!starred && labels.length === 0)) return [folder];
  return [
    folder,
    ...(starred ? (['starred'] as const) : []),
    ...labels.map((label): LabelPlace => `label-${label}`),
  ];
}

export function placeName(place: Place, organization: OrganizationView | undefined): string {
  if (isSystemFolder(place)) return t.app.folders[place];
  if (place === 'starred') return t.app.starred;
  const label = labelOf(place);
  const known =
    label === undefined
      ? organization?.folders.find(({ id }) => id === place)
      : organization?.labels.find(({ id }) => id === label);
  return known?.name ?? t.app.goneFolder;
}
