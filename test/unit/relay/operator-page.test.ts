/** The operator's page: what it says of rings of all kinds, and that nobody's words become markup. */
import { describe, expect, it } from 'vitest';
import { OPERATOR_STYLE_PATH, operatorPage } from '../../../relay/src/operator-page.ts';
import { operatorReport, type ReportPorts } from '../../../relay/src/operator-report.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import type { AccountStatement } from '../../../src/core/storage/accounts.ts';
import type { RingPresence } from '../../../src/core/storage/presence.ts';

const GIB = 1024 ** 3;
const at = Date.UTC(2026, 0, 20, 9, 30);

const presence: RingPresence = {
  startedAt: at - 14 * 24 * 60 * 60_000,
  observed: 0.98,
  isMeasured: true,
  devices: 200,
  newDevices: 4,
  open: 61,
  meanShare: 0.3,
  nearlyAlways: 10,
  often: 60,
  seldom: 130,
  hours: [3, 10, 15].map((hour) => ({
    hour,
    weekend: false,
    devices: hour === 3 ? 8 : 80,
    p: hour === 3 ? 0.04 : 0.4,
    weight: 5 / 168,
  })),
};
const status = {
  status: 'ok' as const,
  domain: 'example.org',
  ring: 'ab',
  nodeId: 'cd',
  peers: 61,
  directPeers: 61,
  blocks: 10_000,
  bytes: 2 * GIB,
  quotaBytes: 10 * GIB,
  members: 2,
  sentBytes: 0,
  receivedBytes: 0,
  tunnels: 61,
  circuits: 0,
  uptimeSeconds: 60,
  devices: 200,
  deviceAvailability: 0.3,
  replicas: 3,
  relayReplicas: 1,
  proposedReplicas: 0,
  proposedRelayReplicas: 0,
};

const ada: AccountStatement = {
  name: 'ada@example.org',
  blocks: 9000,
  bytes: 1.5 * GIB,
  quotaBytes: 3 * GIB,
  graceBytes: 0,
};

function page(changes: Partial<ReportPorts> = {}): string {
  const counters = new Counters(() => at);
  counters.add('storage.collected', 3);
  counters.refused('storage', { code: 'liar', reason: '<b>Node 1</b> & "friends"' });
  const ports: ReportPorts = {
    now: at,
    status,
    presence,
    inForce: { k: 3, a: 1 },
    relays: 1,
    blockBytes: 2 * GIB,
    deviceQuotaBytes: 2 * GIB,
    accounts: [ada],
    counters,
    ...changes,
  };
  return operatorPage(operatorReport(ports));
}

/** The words of a page, without markup. */
const words = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

describe("the operator's page", () => {
  it('says what was measured, what is in force, what is proposed, what it costs, and how to apply it', () => {
    const html = page();
    const text = words(html);
    expect(text).toContain('200 devices in the last 30 days, 61 linked now.');
    expect(text).toContain('A device is open 30 % of the time.');
    expect(text).toContain('at 03:00 UTC on working days: then 4.0 % of the copies');
    expect(text).toContain('Each block has 3 copies on devices and 1 on relays.');
    expect(text).toContain('More are needed: 7 on devices and 1 on relays are proposed.');
    expect(text).toContain('Bytes on all devices 6.0 GiB 14 GiB');
    expect(text).toContain('Bytes on one device 31 MiB 72 MiB');
    expect(html).toContain('<pre>replicas = 7\nrelay_replicas = 1</pre>');
    expect(text).toContain('3 blocks were dropped that nobody claimed any more.');
    expect(text).toContain('ada@example.org 1.5 GiB in 9000 blocks 50 % of 3.0 GiB nothing ');
    expect(text).toContain('Nothing is in grace: blocks that members gave up');
  });

  it('says beside what each member stores how much of its own quota that is, and what is in grace', () => {
    const bob = { ...ada, name: 'bob@example.org', bytes: 2 * GIB, quotaBytes: 2 * GIB, graceBytes: GIB / 2 };
    const none = { ...ada, name: 'cleo@example.org', blocks: 0, bytes: 0, quotaBytes: 0, graceBytes: GIB };
    const text = words(page({ accounts: [bob, ada, none] }));
    expect(text).toContain('Address Stores Share of the quota In grace bob');
    expect(text).toContain('bob@example.org 2.0 GiB in 9000 blocks 100 % of 2.0 GiB 512 MiB ');
    expect(text).toContain('cleo@example.org 0 B in 0 blocks no quota 1.0 GiB ');
    expect(text).toContain('1.5 GiB are in grace');
    expect(text).toContain('stay 7 or 30 days longer, and go then if nobody else claims them.');
  });

  it('needs no script, no style of its own and nothing from elsewhere: the policy of every answer allows it', () => {
    const html = page();
    expect(html).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|https?:|url\(/i);
    expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link)).toEqual([
      OPERATOR_STYLE_PATH,
    ]);
  });

  it('shows names and refusals as text', () => {
    const html = page({ accounts: [{ ...ada, name: '"><img src=x>@example.org' }] });
    expect(html).not.toContain('<img');
    expect(html).not.toContain('<b>Node');
    expect(html).toContain('&#60;b&#62;Node 1&#60;/b&#62; &#38; &#34;friends&#34;');
  });

  it('proposes nothing before it has measured, and says how long that takes', () => {
    const text = words(page({ presence: { ...presence, isMeasured: false } }));
    expect(text).toContain('A proposal needs 7 days');
    expect(text).toContain('Whether that fits these devices is not known yet');
    expect(text).not.toContain('epost.toml');
  });

  it('says so when nothing needs to change, when a relay is missing, and when devices are open too little', () => {
    expect(words(page({ inForce: { k: 7, a: 1 } }))).toContain('That fits: nothing needs to change.');
    // One object of 20 is out of reach alone; halved by each relay that is on half of the time, 7 make it less than 1 in 2,000.
    const often = words(page({ presence: { ...presence, observed: 0.5 } }));
    expect(often).toContain('actions to succeed at once the ring would need 7 relays');
    const seldom = presence.hours.map((hour) => ({ ...hour, p: 0.02 }));
    expect(words(page({ presence: { ...presence, hours: seldom } }))).toContain('they are open too little');
  });

  it('does not guess bytes where it does not hold everything', () => {
    expect(words(page({ inForce: { k: 3, a: 0 } }))).toContain('Bytes on all devices not known here');
  });

  it('is of use to the first operator on the first day', () => {
    const nobody = { ...presence, devices: 0, newDevices: 0, open: 0, hours: [], isMeasured: false };
    const text = words(page({ presence: nobody, accounts: [] }));
    expect(text).toContain('Nobody stores anything here yet.');
    expect(text).toContain('0 devices in the last 30 days');
  });
});
