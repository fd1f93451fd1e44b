/** The main job in one process: real members, real overlay and storage, the network and the disks in memory. */
import { expect, test } from 'vitest';
import type { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { equalBytes } from '../../../src/core/codec/bytes.ts';
import type { DraftFile, MessageView, RecipientEvidenceView } from '../../../src/core/mail/views.ts';
import { namespace, prefixRange } from '../../../src/core/storage/namespace.ts';
import { draft, MemberRing, type TestPerson } from './member-ring.ts';

const received = ({ delivery }: MessageView): boolean => delivery?.state === 'received';

function file(name: string, sizeBytes: number): DraftFile {
  const content = new Blob([new SeededRandom(name).bytes(sizeBytes)]);
  return { name, type: 'application/octet-stream', content };
}

/** Of so many MiB, of which one is in memory. */
function longFile(name: string, mebibytes: number): DraftFile {
  const content = new Blob(Array(mebibytes).fill(new Blob([new Uint8Array(1024 * 1024)])));
  return { name, type: 'application/octet-stream', content };
}

async function sameBytes(blob: Blob, { content }: DraftFile): Promise<boolean> {
  const [a, b] = [await blob.arrayBuffer(), await content.arrayBuffer()];
  return equalBytes(new Uint8Array(a), new Uint8Array(b));
}

test('a mail goes from queued to received with evidence for each state', async () => {
  const net = await MemberRing.create('first');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo', 'dan');
  const id = await ada!.send('bob', 'Hello');
  const sent = await ada!.message('Hello', 'sent', received);
  expect(sent.id).toBe(id);
  const [{ evidence }] = (await ada!.client.evidence(sent.id)) as [RecipientEvidenceView];
  expect(evidence.map(({ state }) => state)).toEqual(['queued', 'stored', 'notified', 'received']);
  // Three nearest nodes, and the relay where it is not among them.
  expect(evidence[1]!.summary).toMatch(/^Kept by [34] devices of your organization\.$/);
  expect(evidence[1]!.details.length).toBeGreaterThanOrEqual(3);
  const got = await bob!.message('Hello', 'inbox');
  expect(got).toMatchObject({ id, unread: true, from: { address: 'ada@example.org', name: 'Ada' } });
  expect(await net.passing(bob!.client.body(id))).toEqual({ text: 'Text of Hello', html: undefined });
  const located = await net.passing(ada!.client.locate(id));
  expect(located.blocks).toHaveLength(1);
  expect(new Set(located.blocks[0]!.holders).size).toBeGreaterThanOrEqual(3);
  const { peers } = await ada!.client.network();
  expect(peers.map(({ nodeId }) => nodeId)).toEqual(peers.map(({ nodeId }) => nodeId).toSorted());
  expect(peers).toHaveLength(5);
});

test('a formatted letter comes with its text, however long both are', async () => {
  const net = await MemberRing.create('formatted');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo', 'dan');
  for (const letters of [10, 200_000]) {
    const text = 'x'.repeat(letters);
    const html = `<div><strong>${text}</strong></div>`;
    const id = await ada!.send('bob', `Of ${letters}`, { text, html });
    await bob!.message(`Of ${letters}`, 'inbox');
    expect(await net.passing(bob!.client.body(id))).toEqual({ text, html });
  }
  const long = 'x'.repeat(5 * 1024 * 1024);
  await expect(ada!.send('bob', 'Too long', { html: long })).rejects.toMatchObject({ code: 'too-large' });
});

test('an attachment comes back byte for byte, and is forwarded without being stored again', async () => {
  const net = await MemberRing.create('attachment');
  const [ada, bob, cleo] = await net.people('ada', 'bob', 'cleo', 'dan');
  const photo = file('photo.bin', 3_000_001);
  const id = await ada!.send('bob', 'With photo', { files: [photo] });
  const got = await bob!.message('With photo', 'inbox');
  expect(got.attachments).toEqual([{ index: 0, name: 'photo.bin', type: photo.type, sizeBytes: 3_000_001 }]);
  const progress: number[] = [];
  const saved = await net.passing(bob!.client.attachment(id, 0, (done) => progress.push(done)));
  expect(await sameBytes(saved, photo)).toBe(true);
  expect(progress.at(-1)).toBe(3_000_001);

  const before = net.hub.traffic().bytes;
  const forwarded = await bob!.send('cleo', 'Fwd: With photo', { forwarded: [{ messageId: id, index: 0 }] });
  await bob!.message('Fwd: With photo', 'sent', received);
  expect(net.hub.traffic().bytes - before).toBeLessThan(300_000);
  await cleo!.message('Fwd: With photo', 'inbox');
  expect(await sameBytes(await net.passing(cleo!.client.attachment(forwarded, 0)), photo)).toBe(true);
});

test('the recipient is away: the inbox keeps the notification after the sender has left', async () => {
  const net = await MemberRing.create('offline');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo', 'dan');
  await bob!.close();
  const photo = file('late.bin', 700_000);
  const id = await ada!.send('bob', 'For later', { files: [photo] });
  const sent = await ada!.message('For later', 'sent', ({ delivery }) => delivery?.state === 'notified');
  const [{ evidence }] = (await ada!.client.evidence(sent.id)) as [RecipientEvidenceView];
  expect(evidence.at(-1)!.summary).toMatch(/inbox of Bob, kept by \d devices/);
  await ada!.close();
  await bob!.open();
  await bob!.message('For later', 'inbox');
  expect(await sameBytes(await net.passing(bob!.client.attachment(id, 0)), photo)).toBe(true);
  await ada!.open();
  await ada!.message('For later', 'sent', received);
});

test('what is written offline goes out when the network is back', async () => {
  const net = await MemberRing.create('outbox');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  await ada!.send('bob', 'First');
  await ada!.message('First', 'sent', received);
  net.hub.partition([[ada!.contact.nodeId]]);
  await net.until(async () => (await ada!.snapshot()).connection.state === 'offline');
  // What was found out about people grows old in five minutes; who they are is known all the same.
  net.clock.advance(6 * 60_000);
  expect((await net.passing(ada!.client.findPerson('bob'))).name).toBe('Bob');
  await expect(net.passing(ada!.client.findPerson('dan'))).rejects.toMatchObject({ code: 'unreachable' });
  await ada!.send('bob', 'Offline');
  const waiting = await ada!.message('Offline', 'sent');
  expect(waiting.delivery!.state).toBe('queued');
  await ada!.close();
  await ada!.open();
  expect((await ada!.message('Offline', 'sent')).delivery!.state).toBe('queued');
  net.hub.heal();
  await ada!.message('Offline', 'sent', received);
  expect(await bob!.messages('inbox')).toHaveLength(2);
});

/** Ada writes to Bob without a network, then closes. */
async function writtenOffline(seed: string): Promise<{ net: MemberRing; ada: TestPerson; bob: TestPerson }> {
  const net = await MemberRing.create(seed);
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  await ada!.send('bob', 'First');
  await ada!.message('First', 'sent', received);
  net.hub.partition([[ada!.contact.nodeId]]);
  await net.until(async () => (await ada!.snapshot()).connection.state === 'offline');
  await ada!.send('bob', 'Offline');
  await ada!.close();
  return { net, ada: ada!, bob: bob! };
}

test('what waited offline for longer than recipients have goes out all the same', async () => {
  const { net, ada, bob } = await writtenOffline('long offline');
  await bob.close();
  net.clock.advance(70 * 24 * 60 * 60 * 1000);
  net.hub.heal();
  await bob.open();
  await ada.open();
  await ada.message('Offline', 'sent', received);
  await bob.message('Offline', 'inbox');
});

test('what was damaged on the disk before anybody else had it bounces, instead of waiting for ever', async () => {
  const { net, ada } = await writtenOffline('damaged');
  const disk = namespace(ada.store, 'storage');
  const blocks = await disk.keys(prefixRange(Uint8Array.of(0x64, 5)));
  await disk.write(blocks.map((key) => ({ type: 'delete', key })));
  net.hub.heal();
  await ada.open();
  const sent = await ada.message('Offline', 'sent', ({ delivery }) => delivery?.state === 'bounced');
  expect(sent.delivery!.recipients[0]!.reason).toMatch(/lost on this device/);
});

test('several recipients each have their own state; nobody is written to twice', async () => {
  const net = await MemberRing.create('several');
  const [ada, bob, cleo, dan] = await net.people('ada', 'bob', 'cleo', 'dan');
  await dan!.close();
  await ada!.send(['bob', 'BOB@example.org', 'dan'], 'To all', { cc: ['cleo', 'bob'] });
  const states = ({ delivery }: MessageView): string[] => delivery!.recipients.map(({ state }) => state);
  const sent = await ada!.message('To all', 'sent', (message) =>
    ['received', 'notified', 'received'].every((state, i) => states(message)[i] === state),
  );
  expect(sent.to.map(({ address }) => address)).toEqual(['bob@example.org', 'dan@example.org']);
  expect(sent.cc.map(({ address }) => address)).toEqual(['cleo@example.org']);
  expect(sent.delivery!.state).toBe('notified');
  await dan!.open();
  await ada!.message('To all', 'sent', received);
  for (const person of [bob!, cleo!, dan!]) expect(await person.messages('inbox')).toHaveLength(1);
});

test('a reply names what it answers; sending to oneself works', async () => {
  const net = await MemberRing.create('reply');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  const id = await ada!.send('bob', 'Question');
  await bob!.message('Question', 'inbox');
  await bob!.send('ada', 'Re: Question', { inReplyTo: id });
  expect((await ada!.message('Re: Question', 'inbox')).inReplyTo).toBe(id);
  await ada!.send('ada', 'Note to self');
  await ada!.message('Note to self', 'sent', received);
  await ada!.message('Note to self', 'inbox');
});

test('who does not exist is said at once online, and bounces when it was written offline', async () => {
  const net = await MemberRing.create('bounce');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  await expect(ada!.send('nobody', 'Hello')).rejects.toMatchObject({
    code: 'no-such-recipient',
    message: 'There is nobody called nobody@example.org in example.org.',
  });
  net.hub.partition([[ada!.contact.nodeId]]);
  await net.until(async () => (await ada!.snapshot()).connection.state === 'offline');
  await ada!.send(['nobody', 'bob'], 'Blind');
  net.hub.heal();
  const sent = await ada!.message('Blind', 'sent', ({ delivery }) =>
    delivery!.recipients.every(({ state }) => state === 'bounced' || state === 'received'),
  );
  expect(sent.delivery!.state).toBe('bounced');
  expect(sent.delivery!.recipients[0]).toMatchObject({
    state: 'bounced',
    reason: 'There is nobody called nobody@example.org in example.org.',
  });
  await bob!.message('Blind', 'inbox');
});

test.each<[string, Parameters<typeof draft>, string, RegExp]>([
  ['no recipient', [[' '], 'x'], 'no-recipient', /who the message is for/],
  ['a bad address', ['a b', 'x'], 'bad-address', /space/],
  ['another organization', ['eve@example.com', 'x'], 'no-such-recipient', /another organization/],
  ['too many', [Array.from({ length: 201 }, (_, i) => `p${i}`), 'x'], 'too-many-recipients', /200/],
  ['a file over the limit', ['bob', 'x', { files: [longFile('film', 1025)] }], 'too-large', /film/],
])('a draft with %s is refused with a sentence', async (_, args, code, sentence) => {
  const net = await MemberRing.create('refused');
  const ada = await net.person('ada');
  await ada.open();
  await expect(ada.client.send(draft(...args))).rejects.toMatchObject({
    code,
    message: expect.stringMatching(sentence),
  });
  expect(await ada.messages()).toHaveLength(0);
});

test('filing and deleting survive a restart', async () => {
  const net = await MemberRing.create('filing');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  const ids = [await ada!.send('bob', 'One'), await ada!.send('bob', 'Two'), await ada!.send('bob', 'Three')];
  await net.until(async () => (await bob!.messages('inbox')).length === 3);
  await bob!.client.change({ kind: 'move', messages: [ids[0]!], folder: 'archive' });
  await bob!.client.change({ kind: 'flag', messages: [ids[1]!], flag: 'unread', on: false });
  await bob!.client.change({ kind: 'remove', messages: [ids[2]!] });
  await bob!.close();
  await bob!.open();
  const kept = await bob!.messages();
  expect(kept.map(({ subject, folder, unread }) => [subject, folder, unread]).toSorted()).toEqual([
    ['One', 'archive', true],
    ['Two', 'inbox', false],
  ]);
});

test('read is only told when the reader allows it', async () => {
  const net = await MemberRing.create('read');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  const first = await ada!.send('bob', 'Quiet');
  await bob!.message('Quiet', 'inbox');
  await bob!.client.change({ kind: 'flag', messages: [first], flag: 'unread', on: false });
  await ada!.message('Quiet', 'sent', received);
  await bob!.allowReadReceipts(true);
  const second = await ada!.send('bob', 'Told');
  await bob!.message('Told', 'inbox');
  await bob!.client.change({ kind: 'flag', messages: [second], flag: 'unread', on: false });
  await ada!.message('Told', 'sent', ({ delivery }) => delivery?.state === 'read');
  expect((await ada!.message('Quiet', 'sent')).delivery!.state).toBe('received');
});

test('recovery words on an empty disk bring the mailbox back, and both devices merge', async () => {
  const net = await MemberRing.create('recovery');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo', 'dan');
  const id = await bob!.send('ada', 'Kept');
  await ada!.message('Kept', 'inbox');
  await ada!.send('bob', 'Sent before');
  await ada!.message('Sent before', 'sent', received);
  await bob!.message('Kept', 'sent', received);
  await ada!.close();

  const tablet: TestPerson = await net.device(ada!, 'ada-tablet');
  await tablet.open();
  await tablet.message('Kept', 'inbox');
  await tablet.message('Sent before', 'sent', received);
  expect(await net.passing(tablet.client.body(id))).toMatchObject({ text: 'Text of Kept' });
  await net.until(async () =>
    (await tablet.snapshot()).notices.some(({ id: notice }) => notice === 'restored'),
  );

  await tablet.client.change({ kind: 'move', messages: [id], folder: 'archive' });
  await tablet.send('bob', 'From tablet');
  await tablet.message('From tablet', 'sent', received);
  await ada!.open();
  await ada!.message('Kept', 'archive');
  await ada!.message('From tablet', 'sent', received);
  await bob!.send('ada', 'To both');
  await ada!.message('To both', 'inbox');
  await tablet.message('To both', 'inbox');
  expect((await ada!.messages()).filter(({ subject }) => subject === 'To both')).toHaveLength(1);
});

test('a full disk is said, nothing is half done, and mail waits in the inbox until there is room', async () => {
  const net = await MemberRing.create('full');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo', 'dan');
  const disk = bob!.store as MemoryKeyValueStore;
  disk.setQuota(0);
  await expect(bob!.send('ada', 'No room')).rejects.toMatchObject({ code: 'disk-full' });
  expect(await bob!.messages()).toHaveLength(0);
  const full = await bob!.snapshot();
  expect(full.disk.full).toBe(true);
  expect(full.notices.map(({ id }) => id)).toEqual(['disk-full']);
  await ada!.send('bob', 'For later');
  await ada!.message('For later', 'sent', ({ delivery }) => delivery?.state === 'notified');
  expect(await bob!.messages()).toHaveLength(0);
  disk.setQuota(Number.MAX_SAFE_INTEGER);
  await ada!.message('For later', 'sent', received);
  await bob!.message('For later', 'inbox');
  await bob!.send('ada', 'Room again');
  const after = await bob!.snapshot();
  expect(after.disk.full).toBe(false);
  expect(after.notices).toEqual([]);
});
