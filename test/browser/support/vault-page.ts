/** The page of the vault's tests: what the tests ask it to do with the vault. */
import { openVault } from '../../../src/app/vault/open-vault.ts';
import { toHex, utf8 } from '../../../src/core/codec/bytes.ts';
import { verifyEd25519 } from '../../../src/core/crypto/sign.ts';
import type { SigningPurposes } from '../../../src/core/identity/signing-purposes.ts';
import type { PublicKeys } from '../../../src/core/identity/vault.ts';
import { vaultCases } from '../../contract/vault.ts';

/** Asked for before anything else is done: a first load has no controller, and the answer has to come all the same. */
const controlledAtFirst = navigator.serviceWorker.controller !== null;
const vault = openVault();
const firstState = vault.state();

const vaultPage = {
  controlledAtFirst,
  cases: vaultCases.map(({ name }) => name),

  /** What `state` answered at once after the load. */
  firstState: async () => (await firstState).state,

  /** Runs a case of the contract; every place is this profile, emptied. */
  async runCase(name: string): Promise<void> {
    await vaultCases
      .find((one) => one.name === name)!
      .run(async () => {
        await openVault().erase();
        return { open: () => Promise.resolve(openVault()) };
      });
  },

  /** Makes keys that are ready; hexadecimal identity key. */
  async makeKeys(): Promise<string> {
    const { keys } = await vault.begin();
    await vault.commit();
    return toHex(keys.identityKey);
  },

  /** The identity key of a vault that also signs; undefined when it does not. */
  async identityThatSigns(): Promise<string | undefined> {
    const state = await vault.state();
    if (state.state === 'empty') return undefined;
    const body = receipt(state);
    const signature = await vault.sign('receipt', body);
    const valid = await verifyEd25519(state.peerKey, 'receipt', body, signature);
    return valid ? toHex(state.identityKey) : undefined;
  },

  /** Signs one receipt after the other until stopped; how many, and how many of them verify. */
  signUntilStopped(): void {
    signing = (async () => {
      const state = await vault.state();
      if (state.state === 'empty') throw new Error('no keys');
      let [made, valid] = [0, 0];
      while (!stopSigning) {
        const body = receipt(state);
        const signature = await vault.sign('receipt', body);
        made++;
        if (await verifyEd25519(state.peerKey, 'receipt', body, signature)) valid++;
      }
      return { made, valid };
    })();
  },
  async stopSigning(): Promise<{ made: number; valid: number }> {
    stopSigning = true;
    return signing;
  },

  async sealAndOpen(text: string): Promise<boolean> {
    const sealed = await vault.sealAtRest(utf8(text));
    return (await vault.openAtRest(sealed)).ok;
  },

  /** Takes a waiting worker into use, as an app does when its person agrees. */
  async updateWorker(): Promise<void> {
    const registration = (await navigator.serviceWorker.getRegistration())!;
    const before = registration.active;
    await registration.update();
    const next = registration.installing ?? registration.waiting;
    if (!next) throw new Error('no new worker was found');
    const activated = new Promise<void>((resolve) => {
      const look = (): void => {
        if (next.state === 'activated') resolve();
        if (next.state === 'installed') next.postMessage({ type: 'SKIP_WAITING' });
      };
      next.addEventListener('statechange', look);
      look();
    });
    await activated;
    if (registration.active === before) throw new Error('the old worker is still active');
  },

  /** Names of keys in the profile's database that could be exported. */
  async extractableKeys(): Promise<{ total: number; extractable: string[] }> {
    const opening = indexedDB.open('epost-vault');
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const asking = database.transaction('keys').objectStore('keys').getAll() as IDBRequest<
      { name: string; key: CryptoKey }[]
    >;
    const keys = await new Promise<{ name: string; key: CryptoKey }[]>((resolve, reject) => {
      asking.onsuccess = () => resolve(asking.result);
      asking.onerror = () => reject(asking.error);
    });
    database.close();
    const extractable = keys.filter(({ key }) => key.extractable).map(({ name }) => name);
    return { total: keys.length, extractable };
  },
};

let stopSigning = false;
let signing = Promise.resolve({ made: 0, valid: 0 });

function receipt(keys: PublicKeys): SigningPurposes['receipt'] {
  const id = new Uint8Array(32);
  return { v: 1, kind: 'block', key: id, held: id, holder: keys.peerKey, at: Date.now() };
}

export type VaultPage = typeof vaultPage;
declare global {
  var vaultPage: VaultPage;
}
globalThis.vaultPage = vaultPage;
