/**
 * `npm run bench -- devices [--messages N] [--runs N]` (2,000; 3): a second device that comes to a mailbox, in real Chromium with a
 * real relay: paired, and recovered from the 24 words. Prints a table of medians and, as its last line, one JSON object. All tabs and
 * the relay share this machine.
 *
 * Complete: every message of the mailbox is known, with sender, subject, date, flags and delivery, and all rows of the inbox are on
 * screen. Bodies follow by themselves, newest first; one that is not here yet is fetched at the click, which is measured too. From
 * the old device's yes: the entropy through the relay, the authority's certificate, the node's start (70 ms), relay dial and
 * reservation (250 ms), the own identity block, the log's head, its blocks (2,000 messages: 2 MB in one round), CBOR of some
 * thousand entries (5 µs each), and rows: 2 s.
 */
import { chromium } from '@playwright/test';
import { parseArgs } from 'node:util';
import { chromiumFlags } from '../browser/support/chromium.ts';
import { Person } from '../browser/support/person.ts';
import { startRelayProcess } from '../browser/support/relay-process.ts';
import { pairDevice, recoverDevice, type Arrival } from './devices/arrival.ts';
import { countIn, fillMailbox, type Member } from './devices/mailbox.ts';
import { median } from './overlay/statistics.ts';
import { report } from './store/report.ts';
import type { Row } from './store/row.ts';

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '2000' }, runs: { type: 'string', default: '3' } },
});
const messages = Number(values.messages);
/** What a device that has just been paired may take for 2,000 messages. */
const COMPLETE_MS_MAX = 5_000;

const relay = await startRelayProcess();
const browser = await chromium.launch({
  executablePath: process.env['EPOST_CHROMIUM'],
  args: [...chromiumFlags],
});
try {
  const members: Member[] = [];
  for (const name of ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve']) {
    const address = name.toLowerCase();
    const person = await Person.join(await browser.newContext(), relay.invitation, name, address);
    members.push({ person, address });
  }
  for (const { person } of members) await person.expectOnline();
  const [owner, ...others] = members as [Member, ...Member[]];
  const ada = owner.person;
  const filling = performance.now();
  const oldest = await fillMailbox(owner, others, messages);
  console.log(`${messages} messages written: ${Math.round((performance.now() - filling) / 1000)} s`);
  const whole = { inbox: await countIn(ada.page, 'inbox'), all: messages, oldest };
  const paired: Arrival[] = [];
  const recovered: Arrival[] = [];
  for (let i = 0; i < Number(values.runs); i++) {
    paired.push(await pairDevice(browser, ada, relay.url, whole));
    recovered.push(await recoverDevice(browser, ada.words, relay.url, whole));
    console.log(JSON.stringify({ paired: paired.at(-1), recovered: recovered.at(-1) }));
  }
  const name = `${messages.toLocaleString('en')} messages`;
  report([
    {
      ...rowOf('completeMs', `second device paired, ${name}: ms to the complete list`, paired),
      oursMax: COMPLETE_MS_MAX,
    },
    rowOf('cpuMs', 'the same: of that, ms of work in its main thread', paired),
    rowOf('openMs', 'the same: ms to open the oldest then', paired),
    rowOf('completeMs', `recovered from the words, ${name}: ms to the complete list`, recovered),
    rowOf('cpuMs', 'the same: of that, ms of work in its main thread', recovered),
    rowOf('openMs', 'the same: ms to open the oldest then', recovered),
  ]);
} finally {
  await browser.close();
  await relay.dispose();
}

function rowOf(part: keyof Arrival, figure: string, runs: readonly Arrival[]): Row {
  return { figure, ours: median(runs.map((one) => one[part])) };
}
