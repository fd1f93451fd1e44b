/**
 * `npm run sim -- secure [--nodes N] [--malicious F] [--seed S] [--lookups L] [--malice lie|drop|invent|omit|mix] [--k K]`: how often
 * secure routing reaches the replica sets of random keys; with `--density` how often the density test errs for so many keys instead.
 * The last line is one JSON object.
 */
import { parseArgs } from 'node:util';
import { simulateSecure } from './secure/campaign.ts';
import { densityErrors } from './secure/density.ts';
import type { Malice } from './secure/trial.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    malicious: { type: 'string', default: '0.25' },
    seed: { type: 'string', default: '1' },
    lookups: { type: 'string', default: '10000' },
    malice: { type: 'string', default: 'lie' },
    k: { type: 'string', default: '3' },
    density: { type: 'boolean', default: false },
  },
});

const [nodes, malicious, lookups, seed] = [values.nodes, values.malicious, values.lookups, values.seed].map(
  Number,
) as [number, number, number, number];

if (values.density) {
  const rows = densityErrors(nodes, malicious, lookups, seed);
  console.table(rows);
  console.log(JSON.stringify({ nodes, malicious, seed, keys: lookups, rows }));
} else {
  const startedAt = performance.now();
  const options = { nodes, malicious, seed, lookups, malice: values.malice as Malice, k: Number(values.k) };
  const figures = simulateSecure(options);
  const wallSeconds = Math.round(performance.now() - startedAt) / 1000;
  console.table(figures);
  console.log(JSON.stringify({ ...figures, wallSeconds }));
}
