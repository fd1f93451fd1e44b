/** What tests of the network ask tabs to do and to tell; and the tabs of one test, which end with it. */
import { test as base, expect, type Browser } from '@playwright/test';
import { idText } from '../../../src/core/codec/id.ts';
import type { ConnectionEvidence } from '../../../src/adapters/libp2p/evidence.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type { NetworkPage } from './network-page.ts';
import { packed } from './network-setup.ts';
import { NetworkSite, type Tab } from './network-site.ts';

type Links = ReturnType<NetworkPage['links']>;

/** Code of the NetworkError, or `none`. */
export const connect = (tab: Tab, to: Contact, via: readonly Tab[] = []): Promise<string> =>
  tab.page.evaluate(([contact, ids]) => window.node.connect(contact, ids), [
    packed(to),
    via.map(({ id }) => id),
  ] as const);
export const send = (
  tab: Tab,
  to: Tab,
  length: number,
  fill: number,
  lane: 'control' | 'bulk',
): Promise<string> =>
  tab.page.evaluate((args) => window.node.send(...args), [to.id, length, fill, lane] as const);
export const close = (tab: Tab, to: Tab): Promise<void> =>
  tab.page.evaluate((id) => window.node.close(id), to.id);
export const links = (tab: Tab): Promise<Links> => tab.page.evaluate(() => window.node.links());
/** Those to other tabs. */
export const tabLinks = async (tab: Tab): Promise<Links> =>
  (await links(tab)).filter(({ role }) => role === 'tab');
export const events = (tab: Tab): Promise<string[]> => tab.page.evaluate(() => window.node.events());
export const messages = (tab: Tab): Promise<ReturnType<NetworkPage['messages']>> =>
  tab.page.evaluate(() => window.node.messages());
export const connections = (tab: Tab): Promise<readonly ConnectionEvidence[]> =>
  tab.page.evaluate(() => window.node.connections());
export const reachable = (tab: Tab): Promise<boolean> => tab.page.evaluate(() => window.node.reachable());
export const count = async (tab: Tab, name: string): Promise<number> => {
  const counts = await tab.page.evaluate(() => window.node.counts());
  return counts.find(([counter]) => counter === name)?.[1] ?? 0;
};

/** A site and its tabs. */
export class Tabs {
  readonly site: NetworkSite;
  readonly #browser: Browser;
  readonly #started: Tab[] = [];

  constructor(site: NetworkSite, browser: Browser) {
    this.site = site;
    this.#browser = browser;
  }

  async start(name: string, pretence?: 'other-authority' | 'other-peer-key'): Promise<Tab> {
    const tab = await this.site.tab(this.#browser, name, pretence);
    this.#started.push(tab);
    return tab;
  }

  /** Resolves when the relay knows the way to all of them. */
  async startAll<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ -readonly [I in keyof Names]: Tab }> {
    const started: Tab[] = [];
    for (const name of names) started.push(await this.start(name));
    for (const tab of started) await expect.poll(() => reachable(tab)).toBe(true);
    return started as { -readonly [I in keyof Names]: Tab };
  }

  async killRelay(): Promise<void> {
    await this.site.killRelay();
    const lost = `down ${idText(this.site.relay.nodeId)} lost`;
    for (const tab of this.#started) await expect.poll(() => events(tab)).toContain(lost);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.splice(0).map(({ context }) => context.close()));
    await this.site.stop();
  }
}

export const test = base.extend<{ readonly tabs: Tabs }>({
  tabs: async ({ browser }, use) => {
    const tabs = new Tabs(
      await NetworkSite.start({ page: 'network-page.ts', relay: 'network-relay.ts' }),
      browser,
    );
    await use(tabs);
    await tabs.stop();
  },
});

/** Each pair by WebRTC, nothing between tabs through anybody else. */
export async function expectAllDirect(all: readonly Tab[]): Promise<void> {
  for (const tab of all) {
    await expect.poll(async () => (await tabLinks(tab)).length).toBe(all.length - 1);
    expect((await links(tab)).every(({ direct }) => direct)).toBe(true);
    await expect.poll(async () => (await connections(tab)).filter(({ relayed }) => relayed)).toEqual([]);
    const between = async (): Promise<unknown> =>
      (await connections(tab))
        .filter(({ remoteAddr }) => remoteAddr.includes('/webrtc'))
        .map(({ webrtc, relayed, status, limits, protocols }) => ({
          webrtc,
          relayed,
          status,
          limits: limits ?? null,
          protocols,
        }));
    const direct = { webrtc: true, relayed: false, status: 'open', limits: null };
    await expect.poll(between).toEqual(all.slice(1).map(() => ({ ...direct, protocols: ['/epost/link/1'] })));
  }
}

/** One after another, the dials of each at once. */
export async function linkAll(all: readonly Tab[]): Promise<void> {
  for (const [i, tab] of all.entries()) {
    const earlier = all.slice(0, i);
    expect(await Promise.all(earlier.map((other) => connect(tab, other.contact)))).toEqual(
      earlier.map(() => 'none'),
    );
  }
}
