/**
 * `npm run bench -- overlay [--nodes 32,100] [--parts hop,routing,multicast]`: this overlay against its peers, in one run, on
 * real libp2p over loopback: `@libp2p/kad-dht` and `@libp2p/gossipsub`. Prints a table with ratios and goals and, as its last
 * line, one JSON object.
 *
 * All nodes of one network run in this process, one network at a time, over the same transport: websockets, Noise, yamux; ours
 * with the product's cures of yamux and Noise (src/adapters/libp2p/muxer.ts, encrypter.ts), its peers with neither.
 * Bytes and messages are counted in the same way for all, see overlay/traffic.ts. Estimates stand in overlay/hop.ts,
 * routing.ts and multicast.ts. Times are this process's: with N nodes on one event loop they are work, not waiting.
 */
import { parseArgs } from 'node:util';
import { GossipGroup } from './overlay/gossip.ts';
import { measureHop } from './overlay/hop.ts';
import { measureMulticast } from './overlay/multicast.ts';
import { report, type SizeFigures } from './overlay/report.ts';
import { ScribeGroup } from './overlay/scribe.ts';
import { measureKad, measureRing } from './overlay/routing.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '32,100' },
    parts: { type: 'string', default: 'hop,routing,multicast' },
  },
});
const parts = new Set(values.parts.split(','));
const sizes: SizeFigures[] = [];

const hop = parts.has('hop') ? await noted('a hop', measureHop) : undefined;
for (const nodes of values.nodes.split(',').map(Number)) {
  const routing = parts.has('routing')
    ? {
        ours: await noted(`${nodes} nodes of this overlay`, () => measureRing(nodes)),
        kad: await noted(`${nodes} nodes of kad-dht`, () => measureKad(nodes)),
      }
    : undefined;
  const multicast = parts.has('multicast')
    ? {
        ours: await noted(`${nodes} members of this overlay`, async () =>
          measureMulticast(await ScribeGroup.create(nodes)),
        ),
        gossip: await noted(`${nodes} nodes of gossipsub`, async () =>
          measureMulticast(await GossipGroup.create(nodes)),
        ),
      }
    : undefined;
  sizes.push({ nodes, ...(routing && { routing }), ...(multicast && { multicast }) });
}
report({ ...(hop && { hop }), sizes });

async function noted<T>(what: string, measure: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const figures = await measure();
  console.log(`${what}: ${Math.round((performance.now() - started) / 1000)} s`);
  return figures;
}
