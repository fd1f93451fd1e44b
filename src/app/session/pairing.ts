/** Pairing in this browser: the protocol over the relay, with this profile's vault. Loaded when somebody pairs devices. */
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { toHex } from '../../core/codec/bytes.ts';
import { ok, refuse, type Result } from '../../core/codec/result.ts';
import type { Membership } from '../../core/identity/join.ts';
import {
  answerOffer,
  declineMeeting,
  endTaking,
  giveAccount,
  offerMeeting,
  takeAccount,
  type Meeting,
  type PairedAccount,
  type PairingPorts,
  type PairingSelf,
} from '../../core/identity/pairing.ts';
import type { Vault } from '../../core/identity/vault.ts';
import { t } from '../i18n/translate.svelte.ts';
import { enrolDevice, type AccountPorts } from './account.ts';
import { deviceLabel } from './device-label.ts';
import { RendezvousClient } from './rendezvous-client.ts';
import type { MetDevice, Pairing } from './session.ts';

/** For a profile that has an account. */
export function giverPairing(vault: Vault, account: PairedAccount): Pairing {
  return pairing(vault, account, () => Promise.resolve(refuse('no-account', t.pairing.hasAccount)));
}

/** For a profile that has none; `joined` resolves when the mailbox can be shown. */
export function takerPairing(
  ports: AccountPorts,
  joined: (membership: Membership) => Promise<void>,
): Pairing {
  return pairing(ports.vault, undefined, async (pairingPorts, met) => {
    const keys = await takeAccount(pairingPorts, met);
    const enrolled = keys.ok ? await enrolDevice(ports) : keys;
    const told = await endTaking(pairingPorts, met, enrolled.ok);
    if (!enrolled.ok) return enrolled;
    await joined(enrolled.value);
    // The account is in use here; that the other device was not told shows there as a code that ran out.
    return told.ok ? told : ok(true);
  });
}

type Take = (ports: PairingPorts, met: Extract<Meeting, { role: 'takes' }>) => Promise<Result<true>>;

function pairing(vault: Vault, account: PairedAccount | undefined, take: Take): Pairing {
  const self: PairingSelf = { label: deviceLabel(navigator.userAgent), account };
  const rendezvous = new RendezvousClient(systemClock);
  const ports: PairingPorts = { vault, rendezvous, random: systemRandom };
  const view = (met: Result<Meeting>): Result<MetDevice> => {
    if (!met.ok) return met;
    const { value } = met;
    const takes = value.role === 'takes';
    return ok({
      label: value.label,
      account: takes
        ? { address: value.account.address, identityKey: toHex(value.account.identityKey) }
        : undefined,
      confirm: () => guarded(() => (takes ? take(ports, value) : giveAccount(ports, value))),
      decline: () => guarded(() => declineMeeting(ports, value)),
    });
  };
  return {
    offer: () =>
      guarded(async () => {
        const offer = await offerMeeting(ports, self);
        if (!offer.ok) return offer;
        const { code, met } = offer.value;
        return ok({ code, link: `${location.origin}/#/pair/${code}`, met: met.then(view) });
      }),
    answer: (typed) => guarded(async () => view(await answerOffer(ports, self, typed))),
    close: () => rendezvous.close(),
  };
}

/** A vault that does not answer is said like every other refusal. */
async function guarded<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    return refuse('vault', t.pairing.vaultFailed({ why: String(error) }));
  }
}
