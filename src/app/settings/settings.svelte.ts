/** What a person has chosen for this browser: kept on its disk, the same in all its tabs, in force at once. */
import { languageCodes, languageFor, languages, type Language } from '../i18n/languages.ts';
import { showLanguage } from '../i18n/translate.svelte.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const densities = ['comfortable', 'compact'] as const;
export type Density = (typeof densities)[number];

/** Seconds in which sending can be undone; as they are kept. */
export const undoTimes = ['0', '5', '10', '20', '30'] as const;
export type UndoTime = (typeof undoTimes)[number];

/** Names on disk: public/appearance.js reads those of the looks before the first paint. */
const LANGUAGE = 'epost.language';
const THEME = 'epost.theme';
const DENSITY = 'epost.density';
const SHORTCUTS = 'epost.shortcuts';
const UNDO_TIME = 'epost.undo-seconds';
const SIGNATURE = 'epost.signature';

/** Characters of a signature. */
export const SIGNATURE_MAX = 2_000;

/** Of the browser's bar around the page, as in index.html. */
const PAPER = { light: '#fbfaf8', dark: '#121519' } as const;

export class Settings {
  /** Undefined: the browser's. */
  #language = $state<Language>();
  #theme = $state<Theme>('system');
  #density = $state<Density>('comfortable');
  #shortcuts = $state(true);
  #undoTime = $state<UndoTime>('10');
  #signature = $state('');

  constructor() {
    this.#read();
    window.addEventListener('storage', ({ key }) => {
      if (key !== null && ![LANGUAGE, THEME, DENSITY, SHORTCUTS, UNDO_TIME, SIGNATURE].includes(key)) return;
      this.#read();
      this.#applyLooks();
      // The other tab has fetched it: it is on this disk.
      void this.applyLanguage();
    });
  }

  get language(): Language | undefined {
    return this.#language;
  }

  get theme(): Theme {
    return this.#theme;
  }

  get density(): Density {
    return this.#density;
  }

  /** Whether single keys do something. */
  get shortcuts(): boolean {
    return this.#shortcuts;
  }

  get undoTime(): UndoTime {
    return this.#undoTime;
  }

  /** Lines below each new letter; empty: none. */
  get signature(): string {
    return this.#signature;
  }

  /** The language that the browser asks for. */
  get browserLanguage(): Language {
    return languageFor(navigator.languages);
  }

  /** Shows the chosen language. Rejects when it cannot be fetched. */
  async applyLanguage(): Promise<void> {
    const language = this.#language ?? this.browserLanguage;
    await showLanguage(language, navigator.languages);
    document.documentElement.lang = language;
    document.documentElement.dir = languages[language].direction;
  }

  /** Undefined: the browser's. Rejects when it cannot be fetched; then the present one stays. */
  async setLanguage(language: Language | undefined): Promise<void> {
    const before = this.#language;
    this.#language = language;
    try {
      await this.applyLanguage();
    } catch (error) {
      this.#language = before;
      throw error;
    }
    keep(LANGUAGE, language);
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    keep(THEME, theme === 'system' ? undefined : theme);
    this.#applyLooks();
  }

  setDensity(density: Density): void {
    this.#density = density;
    keep(DENSITY, density === 'comfortable' ? undefined : density);
    this.#applyLooks();
  }

  setShortcuts(on: boolean): void {
    this.#shortcuts = on;
    keep(SHORTCUTS, on ? undefined : 'off');
  }

  setUndoTime(time: UndoTime): void {
    this.#undoTime = time;
    keep(UNDO_TIME, time === '10' ? undefined : time);
  }

  setSignature(signature: string): void {
    this.#signature = signature.trimEnd().slice(0, SIGNATURE_MAX);
    keep(SIGNATURE, this.#signature === '' ? undefined : this.#signature);
  }

  #read(): void {
    this.#language = oneOf(languageCodes, localStorage.getItem(LANGUAGE));
    this.#theme = oneOf(themes, localStorage.getItem(THEME)) ?? 'system';
    this.#density = oneOf(densities, localStorage.getItem(DENSITY)) ?? 'comfortable';
    this.#shortcuts = localStorage.getItem(SHORTCUTS) !== 'off';
    this.#signature = (localStorage.getItem(SIGNATURE) ?? '').slice(0, SIGNATURE_MAX);
    this.#undoTime = oneOf(undoTimes, localStorage.getItem(UNDO_TIME)) ?? '10';
  }

  #applyLooks(): void {
    const root = document.documentElement;
    root.dataset['theme'] = this.#theme;
    root.dataset['density'] = this.#density;
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
      const own = meta.media.includes('dark') ? 'dark' : 'light';
      meta.content = PAPER[this.#theme === 'system' ? own : this.#theme];
    }
  }
}

function keep(name: string, value: string | undefined): void {
  if (value === undefined) localStorage.removeItem(name);
  else localStorage.setItem(name, value);
}

/** What an older or a newer version has kept may be none of ours. */
function oneOf<Value extends string>(values: readonly Value[], kept: string | null): Value | undefined {
  return values.find((value) => value === kept);
}

/** Of this browser. */
export const settings = new Settings();
