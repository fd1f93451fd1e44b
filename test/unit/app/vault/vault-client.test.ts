/** Page and worker ends of the vault together, over real ports: stopped workers, slow ones, and hostile messages. */
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../src/adapters/memory/clock.ts';
import { MemoryKeyStore } from '../../../../src/adapters/memory/key-store.ts';
import { systemRandom } from '../../../../src/adapters/system/random.ts';
import {
  isOpenMessage,
  parseRequest,
  type VaultAnswer,
} from '../../../../src/adapters/vault/worker-protocol.ts';
import { ATTEMPTS_MS, FIND_MS_MAX, VaultClient } from '../../../../src/app/vault/vault-client.ts';
import { utf8 } from '../../../../src/core/codec/bytes.ts';
import { KeyVault } from '../../../../src/core/identity/key-vault.ts';
import type { Vault } from '../../../../src/core/identity/vault.ts';
import { SESSION_IDLE_MS, VaultEndpoint } from '../../../../src/service-worker/vault-endpoint.ts';
import { vaultCases } from '../../../contract/vault.ts';

const ports = new Set<MessagePort>();
afterEach(() => {
  for (const port of ports) port.close();
  ports.clear();
});

/** A worker over keys that outlive it. `stop` loses everything but the keys, ports silently, as browsers do. */
class TestWorker {
  readonly clock = new VirtualClock();
  readonly store = new MemoryKeyStore();
  opened = 0;
  /** A deaf worker takes ports and never answers. */
  deaf = false;
  replaced = false;
  /** What stands between the endpoint and the keys. */
  wrap: (vault: Vault) => Vault = (vault) => vault;
  #endpoint: VaultEndpoint | undefined;
  #served: MessagePort[] = [];

  readonly find = () => Promise.resolve(this);

  postMessage(message: unknown, transfer: unknown): void {
    const [port] = transfer as [MessagePort];
    expect(isOpenMessage(message)).toBe(true);
    ports.add(port);
    this.opened++;
    if (this.deaf) return;
    this.#endpoint ??= new VaultEndpoint(
      this.wrap(new KeyVault(this.store, systemRandom)),
      this.clock,
      () => this.replaced,
    );
    this.#served.push(port);
    void this.#endpoint.serve(port);
  }

  stop(): void {
    this.#endpoint = undefined;
    for (const port of this.#served) port.onmessage = null;
    this.#served = [];
  }

  client(): VaultClient {
    return new VaultClient(this.find, this.clock);
  }
}

/** Lets messages be delivered and time pass until `promise` is settled. */
async function settled<T>(worker: TestWorker, promise: Promise<T>, stepMs: number): Promise<T> {
  let done = false;
  const mark = (): void => {
    done = true;
  };
  promise.then(mark, mark);
  for (let i = 0; i < 200 && !done; i++) await worker.clock.advanceAsync(stepMs);
  expect(done).toBe(true);
  return promise;
}

describe('VaultClient and VaultEndpoint', () => {
  for (const { name, run } of vaultCases)
    it(name, () =>
      run(() => {
        const worker = new TestWorker();
        return Promise.resolve({ open: () => Promise.resolve(worker.client()) });
      }),
    );
});

describe('VaultClient', () => {
  it('goes on with a worker that was stopped and comes back', async () => {
    const worker = new TestWorker();
    const client = worker.client();
    await client.begin();
    await client.commit();
    const sealed = await client.sealAtRest(utf8('draft'));
    worker.stop();
    const opened = await settled(worker, client.openAtRest(sealed), 100);
    expect(opened).toEqual({ ok: true, value: utf8('draft') });
    expect(worker.opened).toBe(2);
  });

  it('says that the vault is unavailable when no attempt is answered, and recovers afterwards', async () => {
    const worker = new TestWorker();
    worker.deaf = true;
    const client = worker.client();
    const state = client.state();
    await expect(settled(worker, state, 1000)).rejects.toMatchObject({
      name: 'VaultError',
      code: 'unavailable',
    });
    expect(worker.opened).toBe(ATTEMPTS_MS.length);
    worker.deaf = false;
    expect(await settled(worker, client.state(), 100)).toEqual({ state: 'empty' });
  });

  it('does a slow operation once, however often it is asked for', async () => {
    const worker = new TestWorker();
    let begun = 0;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    worker.wrap = (vault) =>
      Object.assign(vault, {
        createPrekey: async (...args: Parameters<Vault['createPrekey']>) => {
          begun++;
          await released;
          return KeyVault.prototype.createPrekey.apply(vault as KeyVault, args);
        },
      });
    const client = worker.client();
    await client.begin();
    const prekey = client.createPrekey(0, false);
    await worker.clock.advanceAsync(ATTEMPTS_MS[0]! + 1);
    await worker.clock.advanceAsync(ATTEMPTS_MS[1]! + 1);
    release();
    expect((await settled(worker, prekey, 10)).body.fallback).toBe(false);
    expect(worker.opened).toBe(3);
    expect(begun).toBe(1);
  });

  it('opens a new port after the worker said that it rests, without waiting', async () => {
    const worker = new TestWorker();
    const client = worker.client();
    await client.state();
    await worker.clock.advanceAsync(SESSION_IDLE_MS + 10_000);
    expect(await client.state()).toEqual({ state: 'empty' });
    expect(worker.opened).toBe(2);
  });

  it('is not held awake by a worker that has been replaced', async () => {
    const worker = new TestWorker();
    worker.replaced = true;
    const client = worker.client();
    expect(await client.state()).toEqual({ state: 'empty' });
    await worker.clock.advanceAsync(10_000);
    expect(await client.state()).toEqual({ state: 'empty' });
    expect(worker.opened).toBe(2);
  });

  it('rejects when there is no worker and none comes', async () => {
    const clock = new VirtualClock();
    const failing = new VaultClient(() => Promise.reject(new Error('not here')), clock);
    await expect(failing.state()).rejects.toMatchObject({ code: 'unavailable' });
    const waiting = new VaultClient(() => new Promise(() => undefined), clock);
    const state = waiting.state();
    const outcome = expect(state).rejects.toMatchObject({ code: 'unavailable' });
    clock.advance(FIND_MS_MAX);
    await outcome;
  });

  it('refuses what cannot be sent, and nothing else with it', async () => {
    const worker = new TestWorker();
    const client = worker.client();
    const body = { at: () => 1 } as never;
    await expect(client.sign('receipt', body)).rejects.toMatchObject({ code: 'refused' });
    expect(await client.state()).toEqual({ state: 'empty' });
  });

  it('sends a view without the buffer behind it', async () => {
    const worker = new TestWorker();
    const client = worker.client();
    await client.begin();
    const large = new Uint8Array(100_000);
    const sealed = await client.sealAtRest(large.subarray(5, 8));
    expect(sealed.buffer.byteLength).toBeLessThan(100);
  });
});

describe('the worker’s edge', () => {
  it.each([
    ['nothing', undefined],
    ['text', 'sign'],
    ['no id', { operation: 'state', args: [] }],
  ])('ignores %s: there is nobody to answer', (_, message) => {
    expect(parseRequest(message)).toMatchObject({ ok: false, id: undefined });
  });

  it.each([
    ['an unknown operation', { id: '1', operation: 'export', args: [] }],
    ['an inherited name', { id: '1', operation: 'constructor', args: [] }],
    ['too many arguments', { id: '1', operation: 'openAtRest', args: ['text'] }],
    ['arguments of the wrong kind', { id: '1', operation: 'createPrekey', args: ['now', true] }],
    ['a batch that is too long', { id: '1', operation: 'sealMailbox', args: [new Array(20_000)] }],
  ])('refuses %s', async (_, message) => {
    const worker = new TestWorker();
    const { port1, port2 } = new MessageChannel();
    ports.add(port1);
    worker.postMessage({ type: 'epost/vault/open', v: 1 }, [port2]);
    const answer = new Promise<VaultAnswer>((resolve) => {
      port1.onmessage = ({ data }: MessageEvent<VaultAnswer>) => resolve(data);
    });
    port1.postMessage(message);
    expect(await answer).toMatchObject({ type: 'error', id: '1', code: 'refused' });
  });
});
