/** Finds the people of a list of addresses who belong to one's organization: who is found is among the people from then on. */
import { canonicalAddress } from '../../core/identity/names.ts';
import { ClientError, type Client } from '../../core/node/client.ts';
import { mapBounded } from '../../core/post/bounded.ts';

const AT_ONCE = 4;

/** How many addresses came to what. */
export interface ImportReport {
  readonly found: number;
  /** Of this organization, but nobody's. */
  readonly unknown: number;
  /** Of other organizations, or no addresses at all. */
  readonly elsewhere: number;
  /** Not answered: the network is away. */
  readonly unreachable: number;
}

type Outcome = keyof ImportReport;

/** `domain`: of the organization; `done` is told how many have been looked at. Rejects when the node cannot answer at all. */
export async function importPeople(
  client: Pick<Client, 'findPerson'>,
  addresses: readonly string[],
  domain: string,
  done: (count: number) => void,
): Promise<ImportReport> {
  let count = 0;
  const outcomes = await mapBounded(addresses, AT_ONCE, async (typed) => {
    const outcome = await outcomeOf(client, typed, domain);
    done(++count);
    return outcome;
  });
  const report: Record<Outcome, number> = { found: 0, unknown: 0, elsewhere: 0, unreachable: 0 };
  for (const outcome of outcomes) report[outcome]++;
  return report;
}

async function outcomeOf(
  client: Pick<Client, 'findPerson'>,
  typed: string,
  domain: string,
): Promise<Outcome> {
  const address = canonicalAddress(typed);
  if (!address.ok || !address.value.endsWith(`@${domain}`)) return 'elsewhere';
  try {
    await client.findPerson(address.value);
    return 'found';
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.code === 'no-such-recipient') return 'unknown';
    if (error.code === 'unreachable') return 'unreachable';
    throw error;
  }
}
