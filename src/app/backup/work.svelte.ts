/** The back-up, restore or check of this page: it goes on while one looks at other pages. */
import { ClientError, type Client, type Progress } from '../../core/node/client.ts';
import { t } from '../i18n/translate.svelte.ts';
import { sentenceOf } from '../state/mailbox.svelte.ts';
import type { Outcome } from './words.ts';

export type WorkName = 'save' | 'restore' | 'check' | 'device' | 'rebuild' | 'import' | 'export';

export class BackupWork {
  /** What is going on. */
  running = $state<WorkName>();
  /** The person wants it to end. */
  stopping = $state(false);
  done = $state(0);
  /** 0 while it is not known. */
  total = $state(0);
  /** How the last one of each kind ended. */
  readonly outcomes = $state<Partial<Record<WorkName, Outcome>>>({});

  /** Shows the outcome of `work`, or its failure as a sentence; one at a time. Undefined: the person thought better of it. */
  async run(name: WorkName, work: (onProgress: Progress) => Promise<Outcome | undefined>): Promise<void> {
    if (this.running !== undefined) return;
    this.running = name;
    this.stopping = false;
    this.done = 0;
    this.total = 0;
    delete this.outcomes[name];
    try {
      const outcome = await work((done, total) => {
        this.done = done;
        this.total = total;
      });
      if (outcome !== undefined) this.outcomes[name] = outcome;
    } catch (error) {
      const ended = error instanceof ClientError && error.code === 'ended';
      const sentence = ended ? t.backup.stopped : sentenceOf(error);
      this.outcomes[name] = { good: false, sentences: [sentence], details: [] };
    }
    this.running = undefined;
  }

  async stop(client: Client): Promise<void> {
    this.stopping = true;
    await client.endBackup();
  }
}

/** Of this page of the browser. */
export const backupWork = new BackupWork();
