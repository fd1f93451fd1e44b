/** Whether and how this browser tells of new mail; kept on its disk, the same in all its tabs. */

/** Not at all; that mail came; with sender and subject. */
export const tellings = ['off', 'mail', 'content'] as const;
export type Telling = (typeof tellings)[number];

const TELLING = 'epost.notifications';
/** The offer was made: it is not made again. */
const OFFERED = 'epost.notifications-offered';

export class Notifications {
  #chosen = $state<Telling>('off');
  #permission = $state<NotificationPermission>('denied');

  constructor() {
    this.#read();
    window.addEventListener('storage', ({ key }) => {
      if (key === null || key === TELLING) this.#read();
    });
  }

  get supported(): boolean {
    return 'Notification' in window && 'serviceWorker' in navigator;
  }

  /** What was chosen, as far as the browser allows it. */
  get telling(): Telling {
    return this.#permission === 'granted' ? this.#chosen : 'off';
  }

  /** The person has told the browser that this site may not: only there it can be changed. */
  get refused(): boolean {
    return this.#permission === 'denied';
  }

  /** Asks the browser's permission where it is needed. Resolves with whether it is as chosen now. */
  async choose(telling: Telling): Promise<boolean> {
    if (telling !== 'off' && this.supported) this.#permission = await Notification.requestPermission();
    if (telling !== 'off' && this.#permission !== 'granted') return false;
    localStorage.setItem(TELLING, telling);
    this.#chosen = telling;
    return true;
  }

  /** True once in this browser, unless something was chosen already: the offer can be made. */
  takeOffer(): boolean {
    const open = this.supported && !this.refused && localStorage.getItem(TELLING) === null;
    if (!open || localStorage.getItem(OFFERED) !== null) return false;
    localStorage.setItem(OFFERED, 'yes');
    return true;
  }

  #read(): void {
    const kept = localStorage.getItem(TELLING);
    this.#chosen = tellings.find((telling) => telling === kept) ?? 'off';
    this.#permission = this.supported ? Notification.permission : 'denied';
  }
}

/** Of this browser. */
export const notifications = new Notifications();
