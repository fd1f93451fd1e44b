/** Folders and labels: those that every mailbox has, and names for those that a person makes. */
import * as v from 'valibot';

/** The folders that every mailbox has, in the order in which they are shown. */
export const systemFolders = ['inbox', 'requests', 'drafts', 'sent', 'archive', 'spam', 'trash'] as const;
export type SystemFolder = (typeof systemFolders)[number];

/** A folder that a person made: `own-` and 16 hexadecimal digits, drawn at random. */
export type OwnFolder = `own-${string}`;
export type Folder = SystemFolder | OwnFolder;

/** 16 hexadecimal digits, drawn at random. */
export type LabelId = string;

/** Characters in the name of a folder or label. */
export const LABEL_NAME_CHARS_MAX = 60;

const OWN_FOLDER = /^own-[0-9a-f]{16}$/;
const LABEL = /^[0-9a-f]{16}$/;

export function isOwnFolder(value: unknown): value is OwnFolder {
  return typeof value === 'string' && OWN_FOLDER.test(value);
}

export function isSystemFolder(value: unknown): value is SystemFolder {
  return systemFolders.some((known) => known === value);
}

export function isLabelId(value: unknown): value is LabelId {
  return typeof value === 'string' && LABEL.test(value);
}

export const ownFolderSchema = v.custom<OwnFolder>(isOwnFolder, 'the name of an own folder');
export const folderSchema = v.custom<Folder>(
  (value) => isSystemFolder(value) || isOwnFolder(value),
  'the name of a folder',
);
export const labelIdSchema = v.custom<LabelId>(isLabelId, 'the name of a label');

/** A folder or label of the person's own. */
export interface FolderView {
  readonly id: OwnFolder;
  readonly name: string;
}

export interface LabelView {
  readonly id: LabelId;
  readonly name: string;
  /** Degrees on the colour wheel. */
  readonly hue: number;
}
