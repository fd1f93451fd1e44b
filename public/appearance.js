/* Before the first paint: the colours and the density that were chosen (src/app/settings/settings.svelte.ts), so that nothing flashes. */
for (const name of ['theme', 'density']) {
  const chosen = localStorage.getItem(`epost.${name}`);
  if (chosen !== null) document.documentElement.dataset[name] = chosen;
}
