/** The app's places as they stand in the address bar: everything after `#`, so that a relay never sees them. */
import { isPlace, type Place } from './places.ts';

export type Route =
  | { readonly page: 'join'; readonly token: string }
  | { readonly page: 'recover' }
  | { readonly page: 'mail'; readonly place: Place; readonly messageId: string | undefined }
  | { readonly page: 'people' }
  /** Comparing keys with somebody. */
  | { readonly page: 'verify'; readonly address: string }
  | { readonly page: 'backup' }
  | { readonly page: 'devices' }
  | { readonly page: 'settings' }
  /** A new message, as a `mailto:` link asks for it. */
  | { readonly page: 'compose'; readonly mailto: string }
  /** Adding a device: with the code of the other one, when its QR code led here. */
  | { readonly page: 'pair'; readonly code: string | undefined }
  | { readonly page: 'network'; readonly messageId: string | undefined }
  /** The ring at work: a demonstration, open to everybody. */
  | { readonly page: 'ring' };

/** Reads `#/mail/sent/2f…`; what it does not know leads to the inbox. */
export function parseRoute(hash: string): Route {
  const [page, first, second] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decoded);
  switch (page) {
    case 'join':
      return { page, token: first ?? '' };
    case 'recover':
    case 'people':
    case 'backup':
    case 'devices':
    case 'settings':
    case 'ring':
      return { page };
    case 'verify':
      return { page, address: first ?? '' };
    case 'compose':
      return { page, mailto: first ?? '' };
    case 'pair':
      return { page, code: first || undefined };
    case 'network':
      return { page, messageId: first || undefined };
    default: {
      const place = page === 'mail' && first !== undefined && isPlace(first) ? first : undefined;
      return { page: 'mail', place: place ?? 'inbox', messageId: place ? second || undefined : undefined };
    }
  }
}

/** The same in the other direction, for `href`. */
export function hrefOf(route: Route): string {
  switch (route.page) {
    case 'join':
      return `#/join/${encodeURIComponent(route.token)}`;
    case 'recover':
    case 'people':
    case 'backup':
    case 'devices':
    case 'settings':
    case 'ring':
      return `#/${route.page}`;
    case 'verify':
      return `#/verify/${encodeURIComponent(route.address)}`;
    case 'compose':
      return `#/compose/${encodeURIComponent(route.mailto)}`;
    case 'pair':
      return route.code === undefined ? '#/pair' : `#/pair/${encodeURIComponent(route.code)}`;
    case 'network':
      return route.messageId === undefined ? '#/network' : `#/network/${route.messageId}`;
    case 'mail':
      return route.messageId === undefined
        ? `#/mail/${route.place}`
        : `#/mail/${route.place}/${route.messageId}`;
  }
}

/** A broken percent sign is what somebody typed: taken as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
