/** Two keys one after the other: G, and where to. */
import type { Route } from '../state/routes.ts';

/** The second key is awaited so long, in milliseconds. */
const WAIT_MS = 1_500;

const mail = (place: Extract<Route, { page: 'mail' }>['place']): Route => ({
  page: 'mail',
  place,
  messageId: undefined,
});
const places: Readonly<Record<string, Route>> = {
  i: mail('inbox'),
  s: mail('starred'),
  t: mail('sent'),
  d: mail('drafts'),
  a: mail('archive'),
  c: { page: 'people' },
  n: { page: 'network', messageId: undefined },
};

export class GoTo {
  #since = -Infinity;

  /** A key at this time (milliseconds): where it leads; `waits` when it is the first of two; undefined when it is another one. */
  press(key: string, at: number): Route | 'waits' | undefined {
    const isSecond = at - this.#since <= WAIT_MS;
    this.#since = -Infinity;
    if (isSecond && Object.hasOwn(places, key)) return places[key];
    if (key !== 'g') return undefined;
    this.#since = at;
    return 'waits';
  }
}
