/** What a contact from a peer may say beside its certificate, which nobody has signed. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { ContactChecker } from '../../../src/core/overlay/contact-checker.ts';
import { toWire } from '../../../src/core/overlay/contact.ts';
import { createTestRing } from '../../support/ring.ts';

const addresses = ['/ip4/10.0.0.5/tcp/6379/ws'];

test.each([
  ['a tab', 'tab', []],
  ['a relay', 'relay', addresses],
] as const)('addresses of %s', async (_, role, kept) => {
  const ring = await createTestRing('contact-checker');
  const clock = new VirtualClock();
  const checker = new ContactChecker(ring.trust, clock, new Counters(() => clock.now()));
  const { contact } = await ring.contact('somebody', role);
  // The second time the certificate is known.
  for (let i = 0; i < 2; i++) {
    const [checked] = await checker.check([{ ...toWire(contact), addresses: [...addresses] }]);
    expect(checked!.contact).toMatchObject({ role, nodeId: contact.nodeId, peerKey: contact.peerKey });
    expect(checked!.contact.addresses).toEqual(kept);
  }
});
