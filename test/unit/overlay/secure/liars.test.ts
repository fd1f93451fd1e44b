/** Secure look-ups over the whole driver among nodes that lie (Castro et al., OSDI 2002, §5). */
import { afterEach, expect, test } from 'vitest';
import { utf8 } from '../../../../src/core/codec/bytes.ts';
import { idText, type Key } from '../../../../src/core/codec/id.ts';
import { sha256 } from '../../../../src/core/crypto/hash.ts';
import { sparseness } from '../../../../src/core/overlay/secure/density.ts';
import { OwnRange } from '../../../../src/core/overlay/secure/own-range.ts';
import { SPARSENESS_MAX } from '../../../../src/core/overlay/secure/secure-lookup.ts';
import { lieAbout, refuseAll } from './lying-nodes.ts';
import { SecureRing, type SecureNode } from './secure-ring.ts';

const TABS = 39;
let ring: SecureRing;

afterEach(() => ring.stop());

/** A key whose closest nodes are not in the leaf set of this one. */
function farKey(from: SecureNode): Key {
  const own = new Set([from.contact, ...from.overlay.leafSet()].map(({ nodeId }) => idText(nodeId)));
  for (let i = 0; ; i++) {
    const key = sha256(utf8(`key ${i}`)) as Key;
    if (ring.closest(key, 3).every((nodeId) => !own.has(idText(nodeId)))) return key;
  }
}

function replicasOf(key: Key, count = 3): readonly SecureNode[] {
  return ring.closest(key, count).map((nodeId) => ring.node(nodeId));
}

const namesOf = (nodes: readonly { readonly nodeId: Key }[]): readonly string[] =>
  nodes.map(({ nodeId }) => idText(nodeId));

const secureLookup = (from: SecureNode, key: Key, timeoutMs?: number) =>
  ring.within(from.overlay.lookup(key, { secure: true, ...(timeoutMs && { timeoutMs }) }));

test('a quarter of the ring that drops what it should pass on keeps nobody from the honest replicas (§5.3)', async () => {
  ring = await SecureRing.of(TABS, 'droppers');
  const asker = ring.nodes[1]!;
  const key = farKey(asker);
  const honest = new Set([asker, ...replicasOf(key)]);
  const liars = ring.nodes.filter((node) => !honest.has(node)).slice(0, TABS / 4);
  for (const { network } of liars) network.isDropping = true;
  refuseAll(liars);
  const found = namesOf((await secureLookup(asker, key)).nearest);
  for (const { contact } of replicasOf(key)) expect(found).toContain(idText(contact.nodeId));
  for (const { contact } of replicasOf(key)) {
    const echo = asker.overlay.request(contact.nodeId, 'echo', utf8('hello'));
    expect(await ring.within(echo)).toEqual(utf8('hello'));
  }
}, 120_000);

test('a root that leaves the honest nodes out is found out (§5.2)', async () => {
  ring = await SecureRing.of(TABS, 'root');
  const asker = ring.nodes[1]!;
  const key = farKey(asker);
  const [root, second, third] = replicasOf(key);
  const honest = new Set([asker, second, third]);
  const liars = [
    root!,
    ...ring.nodes.filter((node) => node !== root && !honest.has(node)).slice(0, TABS / 5),
  ];
  lieAbout(liars, liars);
  const { root: foundRoot, nearest } = await secureLookup(asker, key);
  expect(namesOf(nearest.slice(0, 3))).toEqual(ring.closest(key, 3).map(idText));
  expect(idText(foundRoot.nodeId)).toBe(idText(root!.contact.nodeId));
}, 120_000);

test('where nobody answers, nothing is certain', async () => {
  ring = await SecureRing.of(TABS, 'mute');
  const asker = ring.nodes[1]!;
  refuseAll(ring.nodes.filter((node) => node !== asker));
  await expect(secureLookup(asker, farKey(asker), 2_000)).rejects.toMatchObject({ code: 'uncertain' });
}, 120_000);

test('a world of a few liars is too sparse to be all (§5.2)', async () => {
  ring = await SecureRing.of(TABS, 'false world');
  const spacingOf = ({ contact, overlay }: SecureNode): number =>
    new OwnRange(contact.nodeId, overlay.leafSet()).spacing!;
  const [asker] = [...ring.nodes].sort((a, b) => spacingOf(a) - spacingOf(b)) as [SecureNode];
  const key = farKey(asker);
  const members = replicasOf(key, ring.nodes.length).slice(-6);
  const placed = members.map(({ contact }) => contact);
  expect(sparseness(key, placed, spacingOf(asker))).toBeGreaterThan(SPARSENESS_MAX.detours);
  lieAbout(
    ring.nodes.filter((node) => node !== asker),
    members,
  );
  await expect(secureLookup(asker, key)).rejects.toMatchObject({ code: 'uncertain' });
  expect(asker.counters.get('overlay.secure-sparse')).toBe(1);
}, 120_000);
