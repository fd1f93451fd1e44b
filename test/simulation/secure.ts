/**
 * `npm run sim -- secure [--nodes N] [--malicious F] [--seed S] [--lookups L] [--malice lie|drop|invent|omit|mix] [--k K]`: how often
 * secure routing reaches the replica sets of random keys; the last line is one JSON object.
 */
import { parseArgs } from 'node:util';
import { simulateSecure } from './secure/campaign.ts';
import type { Malice } from './secure/trial.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    malicious: { type: 'string', default: '0.25' },
    seed: { type: 'string', default: '1' },
    lookups: { type: 'string', default: '10000' },
    malice: { type: 'string', default: 'lie' },
    k: { type: 'string', default: '3' },
  },
});

const startedAt = performance.now();
const figures = simulateSecure({
  nodes: Number(values.nodes),
  malicious: Number(values.malicious),
  seed: Number(values.seed),
  lookups: Number(values.lookups),
  malice: values.malice as Malice,
  k: Number(values.k),
});
const wallSeconds = Math.round(performance.now() - startedAt) / 1000;
console.table(figures);
console.log(JSON.stringify({ ...figures, wallSeconds }));
