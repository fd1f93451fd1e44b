/** Single-key shortcuts: none while somebody types, or with a modifier, or where they are switched off. */
import { settings } from '../settings/settings.svelte.ts';

/** The key as named in `KeyboardEvent.key`, or undefined when it belongs to a field or to the browser. */
export function shortcutOf(event: KeyboardEvent): string | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return undefined;
  const target = event.target;
  if (target instanceof HTMLElement && isTypedInto(target)) return undefined;
  // Escape ends something: that is no matter of taste.
  return settings.shortcuts || event.key === 'Escape' ? event.key : undefined;
}

function isTypedInto(element: HTMLElement): boolean {
  if (element.isContentEditable || element.matches('textarea, select, dialog *')) return true;
  return element.matches('input') && !element.matches('[type="checkbox"], [type="radio"]');
}
