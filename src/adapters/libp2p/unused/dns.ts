/** In the page's build this stands for @multiformats/dns, which libp2p would load: nobody is asked where a relay is. */

export const RecordType = { TXT: 16 } as const;

/** Throws: `dnsaddr` addresses are not resolved. */
export function dns(): never {
  throw new Error('addresses are dialled as they are');
}
