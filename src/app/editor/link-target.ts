/** Where a link leads that somebody types: `example.org` is a web address, `ada@example.org` one for mail. */
import { LINK_TARGET } from './schema.ts';

/** Undefined when it is no address that a letter may lead to. */
export function linkTarget(typed: string): string | undefined {
  const address = typed.trim();
  if (address === '' || /\s/.test(address)) return undefined;
  const whole = LINK_TARGET.test(address)
    ? address
    : /^[^/:@]+@[^/:@]+$/.test(address)
      ? `mailto:${address}`
      : `https://${address}`;
  return URL.canParse(whole) && !/^[a-z][\w+.-]*:(?!\d)/i.test(whole.replace(LINK_TARGET, ''))
    ? whole
    : undefined;
}
