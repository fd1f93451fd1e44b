/** Nodes over real libp2p in one Node process, with real vaults; and waiting for what happens to them. */
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { memoryVault } from '../../src/adapters/memory/vault.ts';
import { Libp2pNetwork, type Libp2pNetworkOptions } from '../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../src/adapters/libp2p/private-key.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { Counters } from '../../src/core/codec/counters.ts';
import type { Role } from '../../src/core/identity/certificates.ts';
import type { Vault } from '../../src/core/identity/vault.ts';
import type { Contact } from '../../src/core/overlay/contact.ts';
import { NetworkPeer } from './network-peer.ts';
import type { TestRing } from './ring.ts';

export interface TestIdentity {
  readonly vault: Vault;
  readonly contact: Contact;
}

/** A vault with keys that follow from the name, and the contact that fits it. */
export async function testIdentity(
  ring: TestRing,
  name: string,
  role: Role,
  addresses: readonly string[] = [],
): Promise<TestIdentity> {
  const vault = memoryVault(new SeededRandom(name));
  const { keys } = await vault.begin();
  await vault.commit();
  const certificate = await ring.nodeCertificate(name, keys.peerKey, { role });
  const { nodeId, peerKey } = certificate.body;
  return { vault, contact: { nodeId, peerKey, role, certificate, addresses } };
}

export class Libp2pPeer extends NetworkPeer<Libp2pNetwork> {
  readonly counters: Counters;

  constructor(
    { vault, contact }: TestIdentity,
    options: Pick<Libp2pNetworkOptions, 'trust' | 'relays' | 'listenPort' | 'createNode'>,
    changed?: () => void,
  ) {
    const counters = new Counters(() => systemClock.now());
    const { peerKey } = contact;
    const privateKey = vaultPrivateKey(vault, peerKey);
    const { role } = contact;
    super(
      new Libp2pNetwork({ ...options, role, contact, privateKey, clock: systemClock, counters }),
      contact,
      changed,
    );
    this.counters = counters;
  }
}

/** Waits on notes instead of time. */
export class Happenings {
  readonly #waiting = new Set<() => void>();

  readonly changed = (): void => {
    for (const look of [...this.#waiting]) look();
  };

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
