/** Single-key shortcuts: none while somebody types, or with a modifier. */

/** The key as named in `KeyboardEvent.key`, or undefined when it belongs to a field or to the browser. */
export function shortcutOf(event: KeyboardEvent): string | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return undefined;
  const target = event.target;
  if (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  )
    return undefined;
  return event.key;
}
