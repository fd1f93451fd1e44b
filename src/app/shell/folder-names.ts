/** Folders as they are called on screen. */
import type { Folder } from '../../core/mail/views.ts';

export const folderNames: Readonly<Record<Folder, string>> = {
  inbox: 'Inbox',
  sent: 'Sent',
  archive: 'Archive',
  trash: 'Trash',
};
