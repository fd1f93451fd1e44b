/** The app's colours as a canvas takes them. */
import { kinds, type Kind } from './kinds.ts';

export interface Inks {
  readonly paper: string;
  readonly ink: string;
  readonly quiet: string;
  readonly faint: string;
  readonly hairline: string;
  readonly good: string;
  readonly danger: string;
  readonly kinds: Readonly<Record<Kind, string>>;
  /** The family of the app's type. */
  readonly font: string;
}

/** Reads the tokens as they are for this element now; again when the scheme changes. */
export function inksOf(element: HTMLElement): Inks {
  const before = element.style.color;
  const token = (name: string): string => {
    element.style.color = `var(--${name})`;
    return getComputedStyle(element).color;
  };
  const inks: Inks = {
    paper: token('paper'),
    ink: token('ink'),
    quiet: token('ink-quiet'),
    faint: token('ink-faint'),
    hairline: token('hairline'),
    good: token('good'),
    danger: token('danger'),
    kinds: Object.fromEntries(kinds.map((kind) => [kind, token(`kind-${kind}`)])) as Record<Kind, string>,
    font: getComputedStyle(element).fontFamily,
  };
  element.style.color = before;
  return inks;
}
