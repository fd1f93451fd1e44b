/** Reaching a person: a live device at once, else the inbox, sealed to the devices that the person has now. */
import type { Accounts, Person } from '../post/accounts.ts';
import type { Delivered, Notifier, Outgoing } from '../post/notifier.ts';

export interface Reached extends Delivered {
  readonly person: Person;
}

/**
 * `direct`: content when one live device has it; `inbox`: leaves it in the inbox anyhow. What is known of a person may be
 * minutes old; before the slow way the ring is asked again, for there may be new devices. Rejects with PostError
 * `unknown-person` or `no-devices`, or StorageError.
 */
export async function reach(
  { accounts, notifier }: { readonly accounts: Accounts; readonly notifier: Notifier },
  address: string,
  outgoing: (person: Person) => Outgoing,
  way: 'direct' | 'inbox',
): Promise<Reached> {
  if (way === 'inbox') return leave(await accounts.find(address, 0));
  const known = await accounts.find(address);
  const told = await tell(known);
  if (told !== undefined) return told;
  const fresh = await accounts.find(address, 0);
  return (fresh.version === known.version ? undefined : await tell(fresh)) ?? (await leave(fresh));

  async function tell(person: Person): Promise<Reached | undefined> {
    const delivered = await notifier.tell(person, outgoing(person));
    return delivered && { ...delivered, person };
  }

  async function leave(person: Person): Promise<Reached> {
    return { ...(await notifier.leave(person, outgoing(person))), person };
  }
}
