/** Reports of back-up, restore and check as sentences for the person. */
import type { MailboxCheck } from '../../core/backup/check-mailbox.ts';
import type { ExportReport } from '../../core/backup/export-mailbox.ts';
import type { LogRemains, RebuildReport } from '../../core/backup/rebuild-mailbox.ts';
import type { RestoreReport } from '../../core/backup/restore-mailbox.ts';
import type { StoreReport } from '../../core/backup/verify-store.ts';
import { countText, sizeText } from '../format/sizes.ts';

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
  const sentences = [`Saved: ${countText(messages, 'message')} in ${sizeText(bytes)}.`];
  if (problemCount > 0)
    sentences.push(
      `${countText(problemCount, 'part')} could not be fetched just now and ${problemCount === 1 ? 'is' : 'are'} not in the file. Save again when more devices are online.`,
    );
  return { good: problemCount === 0, sentences, details: details(report) };
}

export function restoreWords(report: RestoreReport, dateText: string): Outcome {
  const { messagesThen, messagesNow, restored, present, missing, newerLogs, device } = report;
  const sentences = [
    `The file of ${dateText}, written by ${device || 'a device of yours'}, had ${countText(messagesThen, 'message')}. Your mailbox now has ${messagesNow.toLocaleString()}.`,
    `${countText(restored, 'block')} put back, ${present.toLocaleString()} there already.`,
  ];
  if (newerLogs > 0) sentences.push('What your devices did after the back-up was kept.');
  if (missing > 0)
    sentences.push(
      `${countText(missing, 'block')} that the file should have ${missing === 1 ? 'is' : 'are'} missing in it or damaged. What was sound is back.`,
    );
  const good = missing === 0 && report.problemCount === 0;
  if (!good && missing === 0)
    sentences.push('Not everything went well. You can restore the same file again.');
  return { good, sentences, details: details(report) };
}

export function checkWords(check: MailboxCheck): Outcome {
  const { messages, blocks, bytes, whole, thin, lost, unknown, problemCount } = check;
  if (messages === 0 && blocks === 0 && problemCount === 0)
    return { good: true, sentences: ['Your mailbox is empty: there is nothing to check yet.'], details: [] };
  const sentences = [
    `${countText(messages, 'message')}, in ${countText(blocks, 'block')} of ${sizeText(bytes)} altogether.`,
  ];
  if (whole === blocks && problemCount === 0)
    sentences.push('Each block is kept by all the devices of your organization that should keep it.');
  if (thin > 0)
    sentences.push(`${countText(thin, 'block')} not yet on all of them: copies are made by themselves.`);
  if (unknown > 0) sentences.push(`About ${countText(unknown, 'block')} nobody could be asked just now.`);
  if (lost > 0)
    sentences.push(`${countText(lost, 'block')} nobody has any more. If you have a back-up, restore it.`);
  const good = lost === 0 && unknown === 0 && problemCount === 0;
  if (!good && lost === 0 && unknown === 0)
    sentences.push('Parts of the mailbox could not be followed; see below.');
  return { good, sentences, details: details(check) };
}

export function rebuildWords(report: RebuildReport): Outcome {
  const { logs, messagesBefore, messagesNow, problemCount } = report;
  const concerned = logs.filter(({ missing, changes, forked }) => missing > 0 || changes > 0 || forked);
  const sentences = concerned.map(remainsWords);
  const brought = messagesNow - messagesBefore;
  if (brought > 0) sentences.push(`${countText(brought, 'message')} came back into your mailbox.`);
  if (concerned.some(({ missing, forked }) => missing > 0 && !forked))
    sentences.push(
      'Should that device still be somewhere, open it: it has all of its changes. Else remove it under Devices; what was found stays. A back-up file may have more.',
    );
  if (concerned.length === 0 && problemCount === 0)
    sentences.push('Nothing is missing: all that your other devices are known to have changed is here.');
  if (problemCount > 0)
    sentences.push(
      'Not everything could be asked for just now; see below. Search again when more devices are online.',
    );
  const good = problemCount === 0 && concerned.every(({ missing, forked }) => missing === 0 && !forked);
  return { good, sentences, details: details(report) };
}

function remainsWords({ device, label, entries, missing, changes, forked }: LogRemains): string {
  const name = label === undefined ? `A removed device (${device.slice(0, 8)})` : `“${label}”`;
  if (forked)
    return `${name} has two different histories: nothing was taken over. A notice says what you can do.`;
  const lost = missing === 0 ? '' : `, of which nobody has ${missing.toLocaleString()} any more`;
  const lacked =
    changes === 0 ? 'none that was lacking here was found' : `${countText(changes, 'change')} came back`;
  return `${name}: ${countText(entries, 'change')} known${lost}; ${lacked}.`;
}

export function deviceWords({ checked, bytes, faults, faultCount }: StoreReport): Outcome {
  const things = Object.values(checked).reduce((sum, count) => sum + count, 0);
  const sentences = [`Read: ${countText(things, 'thing')} on this device, ${sizeText(bytes)} of data.`];
  if (faultCount === 0) sentences.push('Each is what it was when it was written.');
  else
    sentences.push(
      `${countText(faultCount, 'thing')} ${faultCount === 1 ? 'is' : 'are'} damaged. Your messages are kept by other devices too: check your mailbox to see whether any is in danger, and save a back-up.`,
    );
  if (faults.some(({ kind }) => kind === 'journal'))
    sentences.push(
      'Damaged is also what this device noted of your mailbox. Add this device to your account anew, and what the others have comes back.',
    );
  const problems = faults.map(({ kind, key, reason }) => ({ what: `${kind} ${key.slice(0, 16)}`, reason }));
  return {
    good: faultCount === 0,
    sentences,
    details: details({ problems: problems.slice(0, FAULTS_SHOWN_MAX), problemCount: faultCount }),
  };
}

function details({ problems, problemCount }: Problems): string[] {
  const lines = problems.map(({ what, reason }) => `${what}: ${reason}`);
  if (problemCount > lines.length) lines.push(`… and ${problemCount - lines.length} more`);
  return lines;
}
