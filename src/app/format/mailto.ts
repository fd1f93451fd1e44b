/** What a `mailto:` link asks for (RFC 6068): the start of a message, which the person still has to send. */

/** Longer links are cut: no browser passes on more. */
const LINK_CHARS_MAX = 100_000;

export interface MailtoStart {
  /** Addresses, with commas between them. */
  readonly to: string;
  readonly cc: string;
  readonly subject: string;
  readonly text: string;
}

/** Undefined for what is no such link. Other headers than these, files above all, are nothing that a link may choose. */
export function mailtoStart(link: string): MailtoStart | undefined {
  const parts = /^\s*mailto:([^?#]*)(?:\?([^#]*))?/i.exec(link.slice(0, LINK_CHARS_MAX));
  if (!parts) return undefined;
  const [, path = '', query = ''] = parts;
  const to = addressesOf(path);
  const cc: string[] = [];
  let subject = '';
  let text = '';
  for (const field of query.split('&')) {
    const at = field.indexOf('=');
    const name = decoded(field.slice(0, Math.max(0, at))).toLowerCase();
    const value = field.slice(at + 1);
    if (name === 'to') to.push(...addressesOf(value));
    else if (name === 'cc') cc.push(...addressesOf(value));
    else if (name === 'subject') subject = decoded(value).replace(/\p{Cc}+/gu, ' ');
    else if (name === 'body')
      text = decoded(value)
        .replace(/\r\n|\r/g, '\n')
        .replace(/(?![\n\t])\p{Cc}/gu, '');
  }
  return { to: to.join(', '), cc: cc.join(', '), subject, text };
}

/** Commas part addresses; one within an address is written `%2C` (section 2). */
function addressesOf(list: string): string[] {
  return list
    .split(',')
    .map((one) =>
      decoded(one)
        .replace(/[\p{Cc},;]+/gu, ' ')
        .trim(),
    )
    .filter((one) => one !== '');
}

/** A plus sign is a plus sign (section 5). A broken percent sign is taken as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
