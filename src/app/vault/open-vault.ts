/** Finds the service worker of this profile and opens the vault in it. */
import { systemClock } from '../../adapters/system/clock.ts';
import { VaultError, type Vault } from '../../core/identity/vault.ts';
import { VaultClient } from './vault-client.ts';

/**
 * Registers the service worker and returns the vault in it. Nothing is waited for: operations wait until the worker is
 * active, and reject as `unavailable` when it does not come. Where there are no service workers (plain HTTP, some private
 * windows) every operation rejects so.
 */
export function openVault(url = '/service-worker.js'): Vault {
  const registering = register(url);
  // Without a network the registration that exists goes on serving; each operation asks for it.
  registering.catch(() => undefined);
  return new VaultClient(() => activeWorker(registering), systemClock);
}

async function register(url: string): Promise<ServiceWorkerRegistration> {
  if (!('serviceWorker' in navigator))
    throw new VaultError('unavailable', 'service workers need https or localhost, and no private window');
  return navigator.serviceWorker.register(url, { scope: '/', updateViaCache: 'none' });
}

/** The active worker, never the controller: a first load and a hard reload have none. */
async function activeWorker(registering: Promise<ServiceWorkerRegistration>): Promise<ServiceWorker> {
  const known = await navigator.serviceWorker?.getRegistration('/');
  if (known?.active) return known.active;
  await registering;
  const { active } = await navigator.serviceWorker.ready;
  if (!active) throw new VaultError('unavailable', 'the service worker went away');
  return active;
}
