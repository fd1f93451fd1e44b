/** What a search asks besides words: folder, label, flags, time. Looked up in the views, where what was just done is already seen. */
import { isSystemFolder, systemFolders, type Folder } from '../../core/mail/folders.ts';
import type { MessageView, OrganizationView } from '../../core/mail/views.ts';
import { placeName } from '../state/places.ts';
import type { FactTerm, Fault, Query } from './query.ts';
import { folded } from './words.ts';

export interface Facts {
  readonly accepts: (message: MessageView) => boolean;
  /** Of the query, and names of folders and labels that there are not. */
  readonly faults: readonly Fault[];
}

type Test = (message: MessageView) => boolean;

/** Of several folders a message is in one; of everything else all holds. Spam and trash are searched when they are named. */
export function factsOf({ facts, faults }: Query, organization: OrganizationView | undefined): Facts {
  const found: Fault[] = [...faults];
  const tests: Test[] = [];
  const within = new Set<Folder>();
  let anywhere = true;
  for (const term of facts) {
    if (term.kind === 'folder') {
      const folders = foldersNamed(term.name, organization);
      if (folders.length === 0) found.push({ kind: 'folder', text: term.name });
      if (term.not) tests.push(({ folder }) => !folders.includes(folder));
      else {
        anywhere = false;
        for (const folder of folders) within.add(folder);
      }
    } else tests.push(testOf(term, organization, found));
  }
  const inPlace: Test = anywhere
    ? ({ folder }) => folder !== 'spam' && folder !== 'trash'
    : ({ folder }) => within.has(folder);
  return { accepts: (message) => inPlace(message) && tests.every((test) => test(message)), faults: found };
}

function testOf(
  term: Exclude<FactTerm, { readonly kind: 'folder' }>,
  organization: OrganizationView | undefined,
  faults: Fault[],
): Test {
  const holds = plainTestOf(term, organization, faults);
  return term.not ? (message) => !holds(message) : holds;
}

function plainTestOf(
  term: Exclude<FactTerm, { readonly kind: 'folder' }>,
  organization: OrganizationView | undefined,
  faults: Fault[],
): Test {
  switch (term.kind) {
    case 'attachment':
      return ({ attachments }) => attachments.length > 0;
    case 'unread':
      return ({ unread }) => unread;
    case 'starred':
      return ({ starred }) => starred;
    case 'time':
      return term.before ? ({ at }) => at < term.time : ({ at }) => at >= term.time;
    default: {
      const labels = organization?.labels ?? [];
      const ids = named(term.name, labels, ({ name }) => [name]).map(({ id }) => id);
      if (ids.length === 0) faults.push({ kind: 'label', text: term.name });
      return (message) => message.labels.some((label) => ids.includes(label));
    }
  }
}

/** By the English name too, which the help names. */
function foldersNamed(name: string, organization: OrganizationView | undefined): readonly Folder[] {
  const folders: readonly Folder[] = [...systemFolders, ...(organization?.folders.map(({ id }) => id) ?? [])];
  return named(name, folders, (folder) =>
    isSystemFolder(folder) ? [folder, placeName(folder, organization)] : [placeName(folder, organization)],
  );
}

/** Those of this name, or, as one types, whose name begins so. */
function named<T>(name: string, all: readonly T[], namesOf: (one: T) => readonly string[]): readonly T[] {
  const wanted = folded(name);
  const exact = all.filter((one) => namesOf(one).some((known) => folded(known) === wanted));
  return exact.length > 0
    ? exact
    : all.filter((one) => namesOf(one).some((known) => folded(known).startsWith(wanted)));
}
