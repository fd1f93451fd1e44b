/** Notifications as an attacker would make them, with a member's own keys, and what a live device says to them. */
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { identityBlockCodec, type IdentityBlock } from '../../../src/core/identity/identity-block.ts';
import type { NotificationBody } from '../../../src/core/identity/signing-purposes.ts';
import { mailNoticeCodec } from '../../../src/core/mail/headers.ts';
import { sealNotification, type SignedNotification } from '../../../src/core/post/notification.ts';
import { NOTIFY_SERVICE } from '../../../src/core/post/notifier.ts';
import type { MemberRing, TestPerson } from './member-ring.ts';

const hash = new Uint8Array(32).fill(3);

/** A person's identity block, as the ring has it. */
export async function blockOf(net: MemberRing, person: TestPerson): Promise<IdentityBlock> {
  const writer = person.membership.identityCertificate.body.signKey;
  const record = await net.passing(net.relay.storage.getRecord(writer, 'identity'));
  const decoded = identityBlockCodec.decode(record!.body.value);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

/** What Ada's own vault signs, changed as an attacker would. */
export class Forger {
  readonly #net: MemberRing;
  readonly #from: TestPerson;
  readonly #to: TestPerson;
  readonly #fromBlock: IdentityBlock;
  readonly #prekey: Bytes;

  private constructor(net: MemberRing, from: TestPerson, to: TestPerson, blocks: readonly IdentityBlock[]) {
    this.#net = net;
    this.#from = from;
    this.#to = to;
    this.#fromBlock = blocks[0]!;
    this.#prekey = blocks[1]!.devices[0]!.prekeys[0]!.body.publicKey;
  }

  static async create(net: MemberRing, from: TestPerson, to: TestPerson): Promise<Forger> {
    return new Forger(net, from, to, [await blockOf(net, from), await blockOf(net, to)]);
  }

  async sealed(
    subject: string,
    change: Partial<NotificationBody> = {},
    outside: Partial<SignedNotification> = {},
  ): Promise<Bytes> {
    const { membership, vault } = this.#from;
    const body: NotificationBody = {
      v: 1,
      id: utf8(subject.padEnd(16, '.').slice(0, 16)),
      from: membership.identityCertificate.body.signKey,
      to: this.#to.membership.identityCertificate.body.signKey,
      kind: 'mail',
      content: this.content(subject),
      at: this.#net.clock.now(),
      ...change,
    };
    const signature = await vault.sign('notification', body);
    const device = this.#fromBlock.devices[0]!.certificate;
    const identity = membership.identityCertificate;
    return sealNotification({ v: 1, body, signature, identity, device, ...outside }, this.#prekey);
  }

  /** A mail of this subject, as a notification carries it. */
  content(subject: string): Bytes {
    const headers = {
      nonce: new Uint8Array(16).fill(subject.length),
      from: { name: 'Ada', address: this.#from.address },
      to: [{ name: '', address: this.#to.address }],
      cc: [],
      subject,
      preview: '',
      at: this.#net.clock.now(),
      inReplyTo: null,
      attachments: [],
    };
    const reference = {
      v: 1 as const,
      ring: hash,
      key: hash,
      manifest: false,
      secret: hash,
      plaintextHash: hash,
      sizeBytes: 9,
    };
    return mailNoticeCodec.encode({ v: 1, headers, reference });
  }

  /** Hands it to the live device; the code of its refusal, or `accepted`. */
  async hand(sealed: Bytes): Promise<string> {
    const { nodeId } = this.#to.contact;
    try {
      await this.#net.passing(this.#net.relay.overlay.request(nodeId, NOTIFY_SERVICE, sealed));
      return 'accepted';
    } catch (error) {
      return (error as { refusalCode?: string }).refusalCode ?? String(error);
    }
  }
}
