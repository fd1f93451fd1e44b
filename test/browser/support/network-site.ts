/** A ring for the network tests: a relay process, and a site whose pages are nodes, each in a browser context of its own. */
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { peerIdOf } from '../../../src/adapters/libp2p/peer-id.ts';
import { idText } from '../../../src/core/codec/id.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import { signedByAnother } from '../../support/other-authority.ts';
import { createTestRing } from '../../support/ring.ts';
import { freePort } from './free-port.ts';
import { packed, vaultNamed, type NodeSetup } from './network-setup.ts';
import { bundle } from './bundle.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Tab {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly contact: Contact;
  /** Node id as text. */
  readonly id: string;
}

/** What runs in pages and in the relay's process: files beside this one. */
export interface Programs {
  readonly page: string;
  readonly relay: string;
}

declare global {
  interface Window {
    /** Starts the page's node as the packed setup says. */
    start(setup: string): Promise<void>;
  }
}

export class NetworkSite {
  readonly relay: Contact;
  readonly #server: Server;
  readonly #relayPort: number;
  readonly #programs: Programs;
  #process: ChildProcess | undefined;

  private constructor(server: Server, relay: Contact, relayPort: number, programs: Programs) {
    this.#server = server;
    this.relay = relay;
    this.#relayPort = relayPort;
    this.#programs = programs;
  }

  static async start(programs: Programs): Promise<NetworkSite> {
    const script = await bundle(`test/browser/support/${programs.page}`);
    const server = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
      response.end(isScript ? script : '<!doctype html><title>node</title><script src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const port = await freePort();
    const relay = await contactNamed('relay', 'relay', [`/dns4/localhost/tcp/${port}/ws`]);
    const site = new NetworkSite(server, relay, port, programs);
    await site.startRelay();
    return site;
  }

  get relayPeerId(): string {
    return peerIdOf(this.relay.peerKey).toString();
  }

  /** Resolves when it listens; on the same port every time. */
  async startRelay(): Promise<void> {
    const { trust } = await createTestRing('network');
    const setup: NodeSetup = {
      name: 'relay',
      contact: this.relay,
      trust,
      relays: [],
      listenPort: this.#relayPort,
    };
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', `${root}test/browser/support/${this.#programs.relay}`, packed(setup)],
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#process = child;
    await once(child.stdout!, 'data');
  }

  /** kill -9, as a power cut would. */
  async killRelay(): Promise<void> {
    const child = this.#process!;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** A page in a new context whose node has started. */
  async tab(browser: Browser, name: string, pretence?: 'other-authority' | 'other-peer-key'): Promise<Tab> {
    const { trust } = await createTestRing('network');
    let contact = await contactNamed(name, 'tab');
    if (pretence === 'other-authority')
      contact = { ...contact, certificate: await signedByAnother(contact.certificate) };
    if (pretence === 'other-peer-key')
      contact = { ...contact, certificate: (await contactNamed('other', 'tab')).certificate };
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://localhost:${(this.#server.address() as AddressInfo).port}/`);
    const setup: NodeSetup = { name, contact, trust, relays: [this.relay], listenPort: null };
    await page.evaluate((text) => window.start(text), packed(setup));
    return { page, context, contact, id: idText(contact.nodeId) };
  }

  async stop(): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.killRelay();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function contactNamed(
  name: string,
  role: 'tab' | 'relay',
  addresses: readonly string[] = [],
): Promise<Contact> {
  const ring = await createTestRing('network');
  const { keys } = await vaultNamed(name);
  const certificate = await ring.nodeCertificate(name, keys.peerKey, { role });
  const { nodeId, peerKey } = certificate.body;
  return { nodeId, peerKey, role, certificate, addresses };
}
