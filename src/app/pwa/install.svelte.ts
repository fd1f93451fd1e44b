/** Offers to install the app when the person knows what it is: after some visits, or after having sent mail; seldom. */
import { isTimeToOffer } from './install-moment.ts';

const VISITS = 'epost.visits';
const SENT = 'epost.has-sent';
const OFFERED_AT = 'epost.install-offered-at';
/** Of this tab: a reload is no new visit. */
const COUNTED = 'epost.visit-counted';

/** What Chromium dispatches when the app can be installed; not in any standard. */
interface InstallPromptEvent extends Event {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

export class Installation {
  #prompt = $state.raw<InstallPromptEvent>();
  #hasSent = $state(localStorage.getItem(SENT) !== null);

  constructor() {
    window.addEventListener('beforeinstallprompt', (event) => {
      // The browser's own banner stays away: it comes at no good moment.
      event.preventDefault();
      this.#prompt = event as InstallPromptEvent;
    });
    window.addEventListener('appinstalled', () => (this.#prompt = undefined));
  }

  /** The browser can install it, and has not. */
  get possible(): boolean {
    return this.#prompt !== undefined;
  }

  /** The page is shown to a member. */
  visit(): void {
    if (sessionStorage.getItem(COUNTED) !== null) return;
    sessionStorage.setItem(COUNTED, 'yes');
    localStorage.setItem(VISITS, String(visits() + 1));
  }

  sent(): void {
    localStorage.setItem(SENT, 'yes');
    this.#hasSent = true;
  }

  /** True when the offer is to be made now; it is made then. */
  takeOffer(now: number): boolean {
    const offered = Number(localStorage.getItem(OFFERED_AT));
    const facts = { visits: visits(), hasSent: this.#hasSent, offeredAt: offered > 0 ? offered : undefined };
    if (!this.possible || !isTimeToOffer(facts, now)) return false;
    localStorage.setItem(OFFERED_AT, String(now));
    return true;
  }

  /** The browser asks the person. */
  async install(): Promise<void> {
    const prompt = this.#prompt;
    // It can be used once.
    this.#prompt = undefined;
    await prompt?.prompt();
  }
}

function visits(): number {
  const kept = Number(localStorage.getItem(VISITS));
  return Number.isSafeInteger(kept) && kept > 0 ? kept : 0;
}

/** Of this browser: made early, since the browser says only once that it can. */
export const installation = new Installation();
