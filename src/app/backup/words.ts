/** Reports of back-up, restore and check as sentences for the person. */
import type { MailboxCheck } from '../../core/backup/check-mailbox.ts';
import type { ExportReport } from '../../core/backup/export-mailbox.ts';
import type { LogRemains, RebuildReport } from '../../core/backup/rebuild-mailbox.ts';
import type { RestoreReport } from '../../core/backup/restore-mailbox.ts';
import type { StoreReport } from '../../core/backup/verify-store.ts';
import { sizeText } from '../format/sizes.ts';
import { t } from '../i18n/translate.svelte.ts';

export interface Outcome {
  readonly good: boolean;
  readonly sentences: readonly string[];
  /** One line for each thing that is wrong. */
  readonly details: readonly string[];
}

/** Faults of a disk that are shown one by one. */
const FAULTS_SHOWN_MAX = 100;

interface Problems {
  readonly problems: readonly { readonly what: string; readonly reason: string }[];
  readonly problemCount: number;
}

export function exportWords(report: ExportReport): Outcome {
  const { messages, bytes, problemCount } = report;
  const sentences = [t.backup.saved({ count: messages, size: sizeText(bytes) })];
  if (problemCount > 0) sentences.push(t.backup.notInFile({ count: problemCount }));
  return { good: problemCount === 0, sentences, details: details(report) };
}

export function restoreWords(report: RestoreReport, dateText: string): Outcome {
  const { messagesThen, messagesNow, restored, present, missing, newerLogs, device } = report;
  const sentences = [
    t.backup.file({
      date: dateText,
      device: device || t.backup.yourDevice,
      then: messagesThen,
      now: messagesNow,
    }),
    t.backup.putBack({ count: restored, present }),
  ];
  if (newerLogs > 0) sentences.push(t.backup.newerKept);
  if (missing > 0) sentences.push(t.backup.missingInFile({ count: missing }));
  const good = missing === 0 && report.problemCount === 0;
  if (!good && missing === 0) sentences.push(t.backup.notEverything);
  return { good, sentences, details: details(report) };
}

export function checkWords(check: MailboxCheck): Outcome {
  const { messages, blocks, bytes, whole, thin, lost, unknown, problemCount } = check;
  if (messages === 0 && blocks === 0 && problemCount === 0)
    return { good: true, sentences: [t.backup.empty], details: [] };
  const sentences = [t.backup.checked({ messages, blocks, size: sizeText(bytes) })];
  if (whole === blocks && problemCount === 0) sentences.push(t.backup.allKept);
  if (thin > 0) sentences.push(t.backup.thin({ count: thin }));
  if (unknown > 0) sentences.push(t.backup.unknown({ count: unknown }));
  if (lost > 0) sentences.push(t.backup.lost({ count: lost }));
  const good = lost === 0 && unknown === 0 && problemCount === 0;
  if (!good && lost === 0 && unknown === 0) sentences.push(t.backup.notFollowed);
  return { good, sentences, details: details(check) };
}

export function rebuildWords(report: RebuildReport): Outcome {
  const { logs, messagesBefore, messagesNow, problemCount } = report;
  const concerned = logs.filter(({ missing, changes, forked }) => missing > 0 || changes > 0 || forked);
  const sentences = concerned.map(remainsWords);
  const brought = messagesNow - messagesBefore;
  if (brought > 0) sentences.push(t.backup.cameBack({ count: brought }));
  if (concerned.some(({ missing, forked }) => missing > 0 && !forked))
    sentences.push(t.backup.openThatDevice);
  if (concerned.length === 0 && problemCount === 0) sentences.push(t.backup.nothingMissing);
  if (problemCount > 0) sentences.push(t.backup.notAllAsked);
  const good = problemCount === 0 && concerned.every(({ missing, forked }) => missing === 0 && !forked);
  return { good, sentences, details: details(report) };
}

function remainsWords({ device, label, entries, missing, changes, forked }: LogRemains): string {
  const name =
    label === undefined ? t.backup.removedDevice({ key: device.slice(0, 8) }) : t.backup.labelled({ label });
  if (forked) return t.backup.twoHistories({ device: name });
  const facts = { device: name, known: entries, found: changes };
  return missing === 0 ? t.backup.remains(facts) : t.backup.remainsLacking({ ...facts, missing });
}

export function deviceWords({ checked, bytes, faults, faultCount }: StoreReport): Outcome {
  const things = Object.values(checked).reduce((sum, count) => sum + count, 0);
  const sentences = [t.backup.read({ count: things, size: sizeText(bytes) })];
  sentences.push(faultCount === 0 ? t.backup.allSound : t.backup.damaged({ count: faultCount }));
  if (faults.some(({ kind }) => kind === 'journal')) sentences.push(t.backup.journalDamaged);
  const problems = faults.map(({ kind, key, reason }) => ({ what: `${kind} ${key.slice(0, 16)}`, reason }));
  return {
    good: faultCount === 0,
    sentences,
    details: details({ problems: problems.slice(0, FAULTS_SHOWN_MAX), problemCount: faultCount }),
  };
}

function details({ problems, problemCount }: Problems): string[] {
  const lines = problems.map(({ what, reason }) => t.backup.problem({ what, reason }));
  if (problemCount > lines.length) lines.push(t.backup.more({ count: problemCount - lines.length }));
  return lines;
}
