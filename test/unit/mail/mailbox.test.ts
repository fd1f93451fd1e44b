/** The merge of logs: any order, any interleaving, any repetition of the same entries gives the same state. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex, utf8 } from '../../../src/core/codec/bytes.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { compactEntries } from '../../../src/core/mail/compact.ts';
import {
  flags,
  mailEntryCodec,
  standings,
  type Change,
  type ChangeOf,
  type MailEntry,
} from '../../../src/core/mail/entries.ts';
import { Mailbox } from '../../../src/core/mail/mailbox.ts';
import { noEvidence, recordedStates } from '../../../src/core/mail/evidence-schema.ts';
import { systemFolders, type Folder, type OwnFolder } from '../../../src/core/mail/folders.ts';

const hash = sha256(utf8('x'));
const keys = ['x', 'y'].map((name) => sha256(utf8(name)));
const ids = ['a', 'b', 'c'].map((name) => sha256(utf8(name)).slice(0, 16));
const addresses = ['bob@example.org', 'cleo@example.org'];

const ownFolders: readonly OwnFolder[] = ['own-00000000000000aa', 'own-00000000000000bb'];
const labels = ['00000000000000cc', '00000000000000dd'];
const ruleIds = [new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)];

const id = fc.constantFrom(...ids);
const some = fc.uniqueArray(id, { minLength: 1 });
const folder = fc.constantFrom<Folder>(...systemFolders, ...ownFolders);
const name = fc.option(fc.string({ maxLength: 10 }));
const address = fc.constantFrom(...addresses);
const key = fc.constantFrom(...keys);
/** One of each kind that there is: a kind that is added to the log does not compile without being here. */
const kinds: { readonly [K in Change['kind']]: fc.Arbitrary<ChangeOf<K>> } = {
  add: fc
    .record({
      message: id,
      folder,
      unread: fc.boolean(),
      from: key,
      subject: fc.string(),
    })
    .map(({ message, folder, unread, from, subject }) => ({
      kind: 'add' as const,
      message,
      folder,
      unread,
      from,
      headers: {
        nonce: message,
        from: { name: '', address: 'ada@example.org' },
        to: addresses.map((to) => ({ name: '', address: to })),
        cc: [],
        subject,
        preview: '',
        at: 0,
        inReplyTo: null,
        attachments: [],
      },
      reference: {
        v: 1,
        ring: hash,
        key: hash,
        manifest: false,
        secret: hash,
        plaintextHash: hash,
        sizeBytes: 1,
      },
    })),
  move: fc.record({ kind: fc.constant('move' as const), messages: some, folder }),
  flag: fc.record({
    kind: fc.constant('flag' as const),
    messages: some,
    flag: fc.constantFrom(...flags),
    on: fc.boolean(),
  }),
  label: fc.record({
    kind: fc.constant('label' as const),
    messages: some,
    label: fc.constantFrom(...labels),
    on: fc.boolean(),
  }),
  remove: fc.record({ kind: fc.constant('remove' as const), messages: some }),
  delivery: fc.record({
    kind: fc.constant('delivery' as const),
    message: id,
    recipients: fc.uniqueArray(address, { minLength: 1 }),
    state: fc.constantFrom(...recordedStates),
    at: fc.nat(),
    reason: fc.option(fc.string({ maxLength: 10 })),
    evidence: fc
      .record({ by: fc.constantFrom('replicas', 'device', 'person', 'none'), holders: fc.nat({ max: 9 }) })
      .map((some) => ({ ...noEvidence, ...some })),
  }),
  person: fc.record({
    kind: fc.constant('person' as const),
    address,
    name: fc.string({ maxLength: 10 }),
    identityKey: key,
  }),
  setting: fc.record({
    kind: fc.constant('setting' as const),
    setting: fc.oneof(
      fc.record({ name: fc.constant('read-receipts' as const), value: fc.boolean() }),
      fc.record({
        name: fc.constant('requests' as const),
        value: fc.constantFrom('everybody' as const, 'outsiders' as const, 'nobody' as const),
      }),
    ),
  }),
  standing: fc.record({
    kind: fc.constant('standing' as const),
    address,
    standing: fc.option(fc.constantFrom(...standings)),
  }),
  verified: fc.record({
    kind: fc.constant('verified' as const),
    address,
    identityKey: fc.option(key),
    at: fc.nat(),
  }),
  folder: fc.record({ kind: fc.constant('folder' as const), folder: fc.constantFrom(...ownFolders), name }),
  'label-name': fc.record({
    kind: fc.constant('label-name' as const),
    label: fc.constantFrom(...labels),
    name,
    hue: fc.nat({ max: 359 }),
  }),
  rule: fc.record({
    kind: fc.constant('rule' as const),
    id: fc.constantFrom(...ruleIds),
    rule: fc.option(
      fc.record({
        place: fc.nat({ max: 9 }),
        from: name,
        to: name,
        subject: name,
        hasAttachment: fc.option(fc.boolean()),
        folder: fc.option(folder),
        labels: fc.subarray(labels),
        read: fc.boolean(),
        star: fc.boolean(),
      }),
    ),
  }),
};
const change: fc.Arbitrary<Change> = fc.oneof(...Object.values<fc.Arbitrary<Change>>(kinds));

/** Entries of two devices: each device's Lamport times grow, and those of both often meet, so that the device decides. */
const logs = fc
  .array(fc.record({ device: fc.constantFrom('d1', 'd2'), step: fc.integer({ min: 1, max: 2 }), change }), {
    maxLength: 30,
  })
  .map((items) => {
    const times = new Map<string, number>();
    return items.map(({ device, step, change }): { device: string; entry: MailEntry } => {
      const lamport = (times.get(device) ?? 0) + step;
      times.set(device, lamport);
      return { device, entry: { lamport, change } };
    });
  });

function registersOf(box: Mailbox): object {
  return {
    people: addresses.map((one) => [box.person(one), box.standingOf(one), box.verifiedKeyOf(one)]),
    settings: [box.setting('read-receipts'), box.setting('requests')],
    folders: box.folders().toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    labels: box.labels().toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    rules: box.rules(),
  };
}

function stateOf(box: Mailbox): unknown {
  const items = [...box.items()].map((item) => ({
    id: item.id,
    added: item.added && { ...item.added, reference: item.added.reference },
    removed: item.removed,
    folder: item.folder,
    shownIn: box.folderOf(item),
    unread: item.unread,
    starred: item.starred,
    labels: box.labelsOf(item).toSorted(),
    deliveries: addresses.map((to) => [
      item.stateOf(to),
      [...item.stepsOf(to)].map(([state, step]) => [state, step]).toSorted(),
    ]),
  }));
  return {
    items: items.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    ...registersOf(box),
    lamport: box.lamport,
  };
}

test('any order, interleaving and repetition gives the same state', () => {
  const shuffled = logs.chain((entries) =>
    fc.tuple(
      fc.constant(entries),
      fc.shuffledSubarray(entries, { minLength: entries.length }),
      fc.subarray(entries),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([entries, others, again]) => {
      const [a, b] = [new Mailbox(), new Mailbox()];
      for (const { device, entry } of entries) a.apply(device, entry);
      for (const { device, entry } of [...others, ...again]) b.apply(device, entry);
      expect(stateOf(b)).toEqual(stateOf(a));
    }),
    { numRuns: 300 },
  );
});

/** Of a removed message nothing but its removal can be seen. */
function visibleStateOf(box: Mailbox): unknown {
  const state = stateOf(box) as { items: { id: string; removed: boolean }[] };
  return {
    ...state,
    items: state.items.map((item) => (item.removed ? { id: item.id, removed: true } : item)),
  };
}

/** POST §3.4: a snapshot stands for the entries before it, also where two logs are merged and snapshots of snapshots are made. */
test('two devices merge to the same state whether their entries or their snapshots arrive, in every order', () => {
  const arriving = logs.chain((entries) => {
    const of = (device: string) => entries.filter((one) => one.device === device).map(({ entry }) => entry);
    const cuts = fc.array(fc.nat({ max: 30 }), { maxLength: 3 });
    return fc.record({
      entries: fc.constant(entries),
      d1: fc.constant(of('d1')),
      d2: fc.constant(of('d2')),
      cuts,
    });
  });
  fc.assert(
    fc.property(arriving, fc.infiniteStream(fc.nat()), ({ entries, d1, d2, cuts }, order) => {
      const whole = new Mailbox();
      for (const { device, entry } of entries) whole.apply(device, entry);
      const pieces = [
        ...snapshotPieces(d1, cuts).map((entry) => ({ device: 'd1', entry })),
        ...snapshotPieces(d2, cuts.toReversed()).map((entry) => ({ device: 'd2', entry })),
      ].map((piece) => ({ ...piece, place: order.next().value }));
      const merged = new Mailbox();
      for (const { device, entry } of pieces.toSorted((a, b) => a.place - b.place))
        merged.apply(device, entry);
      expect(visibleStateOf(merged)).toEqual(visibleStateOf(whole));
    }),
    { numRuns: 300 },
  );
});

/** What a person sees, and what is proved; not when and where it was noted. */
function shownStateOf(box: Mailbox): unknown {
  const items = [...box.items()].map((item) => {
    const { id, removed, added, folder, unread, starred, labels, deliveries } = item;
    if (removed) return { id, removed };
    const steps = [...(deliveries ?? [])].flatMap(([to, known]) =>
      [...known.keys()].map((state) => `${to} ${state}`),
    );
    return {
      id,
      removed,
      there: added !== undefined,
      folder,
      unread,
      starred,
      labels: labels.toSorted(),
      steps: steps.sort(),
    };
  });
  return {
    items: items.sort((a, b) => (a.id < b.id ? -1 : 1)),
    ...registersOf(box),
  };
}

/** As devices do: whoever adds a message adds what was sent. */
function addedAlike(entries: readonly { device: string; entry: MailEntry }[]): typeof entries {
  const adds = new Map<string, Change>();
  return entries.map(({ device, entry }) => {
    if (entry.change.kind !== 'add') return { device, entry };
    const name = toHex(entry.change.message);
    const change = adds.get(name) ?? entry.change;
    adds.set(name, change);
    return { device, entry: { ...entry, change } };
  });
}

/** Emergency rebuild (POST §3.4): a lost log comes back as changes of a device that found what is left of it. */
test('what is lacking of a lost log, made now, gives the state of both logs; then nothing is lacking', () => {
  fc.assert(
    fc.property(logs, logs, (first, second) => {
      const all = addedAlike([...first, ...second]);
      const [entries, others] = [all.slice(0, first.length), all.slice(first.length)];
      const [both, ours, lost] = [new Mailbox(), new Mailbox(), new Mailbox()];
      for (const { device, entry } of entries) {
        both.apply(device, entry);
        (device === 'd1' ? ours : lost).apply(device, entry);
      }
      const changes = [...ours.lacking(lost)];
      changes.forEach((change, i) => ours.apply('d1', { lamport: 1_000 + i, change }));
      expect(shownStateOf(ours)).toEqual(shownStateOf(both));
      expect([...ours.lacking(lost)]).toEqual([]);
      // Should the lost log come back after all, nothing changes any more.
      for (const { device, entry } of entries) ours.apply(device, entry);
      expect(shownStateOf(ours)).toEqual(shownStateOf(both));
      // Nor is anything said that the lost log did not say: a third device's earlier changes mean what they meant.
      for (const { entry } of others)
        for (const box of [ours, both]) box.apply('d0', { ...entry, lamport: 0 });
      expect(shownStateOf(ours)).toEqual(shownStateOf(both));
    }),
    { numRuns: 500 },
  );
});

test('a snapshot keeps what it cannot read, and no more of a message than counts', () => {
  const unreadable = utf8('of a newer program');
  const flags = Array.from({ length: 50 }, (_, i) =>
    mailEntryCodec.encode({
      lamport: i + 1,
      change: { kind: 'flag', messages: [ids[0]!], flag: 'unread', on: i % 2 === 0 },
    }),
  );
  expect(compactEntries([unreadable, ...flags])).toEqual([unreadable, flags.at(-1)]);
});

/** A log of which the runs before each cut are compacted, and all of that once more. */
function snapshotPieces(entries: readonly MailEntry[], cuts: readonly number[]): MailEntry[] {
  let done = 0;
  let compacted: Uint8Array<ArrayBuffer>[] = [];
  for (const cut of cuts.toSorted((a, b) => a - b)) {
    const run = entries.slice(done, cut).map((entry) => mailEntryCodec.encode(entry));
    compacted = compactEntries([...compacted, ...compactEntries(run)]);
    done = Math.max(done, cut);
  }
  const decoded = compacted.map((bytes) => mailEntryCodec.decode(bytes));
  return [...decoded.map((one) => (one.ok ? one.value : expect.fail(one.reason))), ...entries.slice(done)];
}

test('an entry survives its encoding', () => {
  fc.assert(
    fc.property(change, fc.nat(), (change, lamport) => {
      const entry: MailEntry = { lamport, change };
      expect(mailEntryCodec.decode(mailEntryCodec.encode(entry))).toEqual({ ok: true, value: entry });
    }),
  );
});

test('a move outlives an add of the same message by another device; a removal is final', () => {
  const box = new Mailbox();
  const add = (folder: 'inbox' | 'sent'): Change => ({
    ...fc.sample(kinds.add, { numRuns: 1, seed: 1 })[0]!,
    message: ids[0]!,
    folder,
  });
  box.apply('d1', { lamport: 1, change: add('inbox') });
  box.apply('d1', { lamport: 2, change: { kind: 'move', messages: [ids[0]!], folder: 'archive' } });
  box.apply('d2', { lamport: 9, change: add('inbox') });
  expect(box.item(toHex(ids[0]!))!.folder).toBe('archive');
  box.apply('d2', { lamport: 10, change: { kind: 'remove', messages: [ids[0]!] } });
  box.apply('d1', { lamport: 11, change: { kind: 'move', messages: [ids[0]!], folder: 'inbox' } });
  expect(box.item(toHex(ids[0]!))!.removed).toBe(true);
});
