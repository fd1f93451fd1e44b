/** Four tabs and the relay: direct links, k replicas, and a relay that dies and comes back. */
import { expect, test } from './support/fixtures.ts';
import { binaryFile, type Person } from './support/person.ts';

const names = ['Ada', 'Bob', 'Cleo', 'Dora'] as const;
/** Replicas on the nearest nodes, as the relay's default policy has it. */
const K = 3;
/** Joining four browsers one after another takes its time on a small machine. */
test.describe.configure({ timeout: 240_000 });

test('four tabs are linked directly, blocks have k replicas, bytes between two tabs do not pass the relay', async ({
  newcomer,
}) => {
  const people = await everybody(newcomer);
  for (const person of people) await expectDirectLinks(person);
  const [ada, bob] = people as [Person, Person];
  const file = binaryFile('a.bin', 3_000_000);
  const before = await bob.receivedFrom('relay');
  await ada.send({ to: 'bob', subject: 'Past the relay', text: 'straight', files: [file] });
  await ada.openFolder('Sent');
  await ada.open('Past the relay');
  await ada.expectDelivery(/received/i);
  await bob.open('Past the relay');
  expect((await bob.save('a.bin')).equals(file.buffer)).toBe(true);
  // Neither end has a circuit left, so what passed through the relay is what came over Bob's link to it.
  for (const person of [ada, bob])
    expect((await person.connections()).filter(({ relayed }) => relayed)).toEqual([]);
  expect((await bob.receivedFrom('relay')) - before).toBeLessThan(file.buffer.length / 10);

  const blocks = await ada.locate('Past the relay');
  expect(blocks.length).toBeGreaterThanOrEqual(12);
  for (const { holders } of blocks) {
    expect(new Set(holders).size).toBe(holders.length);
    expect(holders.length).toBeGreaterThanOrEqual(K);
  }
});

test('the relay is killed: mail still arrives; it comes back: everybody is connected again without reloading', async ({
  newcomer,
  relay,
}) => {
  const people = await everybody(newcomer);
  for (const person of people) await expectDirectLinks(person);
  const [ada, bob] = people as [Person, Person];
  await relay.kill();
  await ada.send({ to: 'bob', subject: 'Without the relay', text: 'It is gone, we are not.' });
  await bob.open('Without the relay');
  await expect(bob.page.getByText('It is gone, we are not.').last()).toBeVisible();
  await ada.openFolder('Sent');
  await ada.open('Without the relay');
  await ada.expectDelivery(/received/i);

  await relay.restart();
  for (const person of people) await expect.poll(() => person.linksTo('relay'), { timeout: 60_000 }).toBe(1);
});

async function everybody(newcomer: (name: string) => Promise<Person>): Promise<Person[]> {
  const people: Person[] = [];
  for (const name of names) people.push(await newcomer(name));
  return people;
}

/** Waits until the tab's own connection objects show WebRTC links to all other tabs, and no relayed one. */
async function expectDirectLinks(person: Person): Promise<void> {
  const counts = async (): Promise<unknown> => {
    const connections = await person.connections();
    return {
      linked: await person.linksTo('tab'),
      webrtc: connections.filter(({ webrtc }) => webrtc).length,
      relayed: connections.filter(({ relayed }) => relayed).length,
    };
  };
  const others = names.length - 1;
  await expect.poll(counts, { timeout: 90_000 }).toEqual({ linked: others, webrtc: others, relayed: 0 });
}
