/** vCards: people as a file for other programs, and the addresses in files of theirs. */
import { utf8 } from '../../core/codec/bytes.ts';

/** RFC 6350, 3.2: octets of a line, without its end. */
const LINE_OCTETS_MAX = 75;

/** One vCard 4.0 (RFC 6350) a person, with name and address. */
export function vcardsOf(people: readonly { readonly name: string; readonly address: string }[]): string {
  return people
    .flatMap(({ name, address }) => [
      'BEGIN:VCARD',
      'VERSION:4.0',
      `FN:${escaped(name)}`,
      `EMAIL:${escaped(address)}`,
      'END:VCARD',
    ])
    .map((line) => `${folded(line)}\r\n`)
    .join('');
}

/**
 * Distinct addresses of a file of vCards of any version, in their order. A line that is no address line is passed over; whether an
 * address is one is for others to say.
 */
export function addressesIn(file: string): readonly string[] {
  const addresses = file
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r\n|\r|\n/)
    .flatMap((line) => {
      const value = /^(?:[\w-]+\.)?EMAIL(?:;(?:"[^"]*"|[^":])*)?:(.*)$/i.exec(line)?.[1];
      return value === undefined
        ? []
        : [
            unescaped(value)
              .replace(/^mailto:/i, '')
              .trim(),
          ];
    });
  return [...new Set(addresses)].filter((address) => address !== '');
}

/** RFC 6350, 3.4: what has a meaning within a value; line ends of any kind are one. */
function escaped(text: string): string {
  return text.replace(/[\\,;]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n');
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' || sign === 'N' ? ' ' : sign));
}

/** RFC 6350, 3.2: a longer line goes on after a line end and a blank; no character is cut in two. */
function folded(line: string): string {
  let text = '';
  let octets = 0;
  for (const character of line) {
    const size = utf8(character).length;
    if (octets + size > LINE_OCTETS_MAX) {
      text += '\r\n ';
      octets = 1;
    }
    text += character;
    octets += size;
  }
  return text;
}
