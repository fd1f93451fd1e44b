/** The number of unread messages on the icon of the installed app. */

/** 0 takes it away. A browser without badges, or whose app is not installed, shows none. */
export function showBadge(unread: number): void {
  const shown = unread > 0 ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.();
  // A decoration: where the system refuses it, nothing is lacking.
  shown?.catch(() => undefined);
}
