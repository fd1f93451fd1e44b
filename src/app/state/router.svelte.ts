/** Where the person is, following the address bar. */
import { hrefOf, parseRoute, type Route } from './routes.ts';

export class Router {
  #route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', () => (this.#route = parseRoute(location.hash)));
  }

  get route(): Route {
    return this.#route;
  }

  /** Goes there; `replace` leaves no step behind for the back gesture. */
  go(route: Route, replace = false): void {
    const href = hrefOf(route);
    if (href === location.hash) return;
    if (replace) {
      history.replaceState(null, '', href);
      this.#route = route;
    } else location.hash = href;
  }
}
