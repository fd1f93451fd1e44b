/** What was measured as a table, with ratios against the peer and the goals; and as one JSON object. */
import type { CallFigures } from './calls.ts';
import type { HopFigures } from './hop.ts';
import type { MulticastFigures } from './multicast.ts';
import type { RingFigures, RoutingFigures } from './routing.ts';
import { rounded } from './statistics.ts';

/** Of a network of so many nodes. */
export interface SizeFigures {
  readonly nodes: number;
  readonly routing?: { readonly ours: RingFigures; readonly kad: RoutingFigures };
  readonly multicast?: { readonly ours: MulticastFigures; readonly gossip: MulticastFigures };
}

interface Row {
  readonly nodes: number | undefined;
  readonly figure: string;
  readonly ours: number;
  readonly peer: number | undefined;
  /** Ours as a share of the peer's. */
  readonly ratioMax?: number;
  readonly oursMax?: number;
}

export interface Figures {
  readonly hop?: HopFigures;
  readonly sizes: readonly SizeFigures[];
}

/** The last line is the JSON object. */
export function report(figures: Figures): void {
  const rows = [...hopRows(figures.hop), ...figures.sizes.flatMap(sizeRows)];
  const cells = rows.map(cellsOf);
  const titles = ['nodes', 'figure', 'ours', 'peer', 'ratio', 'goal', ''];
  const widths = titles.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  console.log('');
  for (const row of [titles, ...cells])
    console.log(
      row
        .map((cell, i) => (i === 1 || i > 4 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    );
  console.log(JSON.stringify({ rows: rows.map(jsonOf) }));
}

function hopRows(hop: HopFigures | undefined): Row[] {
  if (hop === undefined) return [];
  const { oursMs, echoMs, tunedEchoMs } = hop;
  const figure = 'hop of 1 KB over an open link, p50 ms';
  return [
    { nodes: undefined, figure, ours: oursMs, peer: echoMs, ratioMax: 1.25 },
    { nodes: undefined, figure: `${figure}; echo over our own muxer`, ours: oursMs, peer: tunedEchoMs },
  ];
}

function sizeRows({ nodes, routing, multicast }: SizeFigures): Row[] {
  const rows: Row[] = [];
  const add = (
    figure: string,
    ours: number,
    peer: number | undefined,
    goal: Pick<Row, 'ratioMax' | 'oursMax'> = {},
  ): void => void rows.push({ nodes, figure, ours, peer, ...goal });
  const large = nodes >= 100;
  if (routing !== undefined) {
    const { ours, kad } = routing;
    const call = (name: string, of: CallFigures, peer: CallFigures, goals: CallGoals): void => {
      add(`${name}, p50 ms`, of.p50Ms, peer.p50Ms, goals.p50Ms);
      add(`${name}, p99 ms`, of.p99Ms, peer.p99Ms);
      add(`${name}, messages`, of.messages, peer.messages, goals.messages);
      add(`${name}, bytes`, of.bytes, peer.bytes, goals.bytes);
      add(`${name}, new connections`, of.connections, peer.connections, goals.connections);
    };
    call('look-up', ours.lookup, kad.lookup, large ? lookupGoals : {});
    add('look-up, hops', ours.hops, undefined);
    call('put of 1 KB', ours.put, kad.put, {});
    call('get of 1 KB', ours.get, kad.get, getGoals);
    call('get of 1 KB in one journey', ours.plainGet, kad.get, getGoals);
    call('first look-up of a new node', ours.fresh, kad.fresh, {});
    add('heap, bytes', ours.heapBytes, kad.heapBytes);
    add('open connections', ours.connections, kad.connections);
    add('idle, bytes a second', ours.idleBytesPerSecond, kad.idleBytesPerSecond);
  }
  if (multicast !== undefined) {
    const { ours, gossip } = multicast;
    add('multicast of 1 KB, copies a delivery', ours.copies, gossip.copies, large ? { oursMax: 1.02 } : {});
    add('multicast of 1 KB, bytes a delivery', ours.bytes, gossip.bytes, large ? { ratioMax: 1 / 6 } : {});
    add('multicast of 1 KB, p50 ms', ours.p50Ms, gossip.p50Ms);
    add('multicast of 1 KB, last ms', ours.lastMs, gossip.lastMs, large ? { ratioMax: 1 / 5 } : {});
    add('multicast of 1 KB, CPU ms a delivery', ours.cpuMs, gossip.cpuMs, large ? { ratioMax: 1 / 10 } : {});
    add('multicast of 1 KB, share lost', ours.lost, gossip.lost, { oursMax: 0 });
  }
  return rows;
}

type CallGoals = { readonly [figure in keyof CallFigures]?: Pick<Row, 'ratioMax' | 'oursMax'> };

const getGoals: CallGoals = { bytes: { ratioMax: 1 / 20 } };
const lookupGoals: CallGoals = {
  p50Ms: { ratioMax: 1 / 100 },
  messages: { ratioMax: 1 / 10 },
  connections: { oursMax: 0 },
};

function ratioOf({ ours, peer }: Row): number | undefined {
  return peer === undefined || peer === 0 ? undefined : ours / peer;
}

/** Undefined without a goal. */
function isReached(row: Row): boolean | undefined {
  if (row.oursMax !== undefined) return row.ours <= row.oursMax;
  const ratio = ratioOf(row);
  return row.ratioMax === undefined || ratio === undefined ? undefined : ratio <= row.ratioMax;
}

function cellsOf(row: Row): string[] {
  const ratio = ratioOf(row);
  const reached = isReached(row);
  return [
    row.nodes === undefined ? '' : String(row.nodes),
    row.figure,
    shown(row.ours),
    row.peer === undefined ? '' : shown(row.peer),
    ratio === undefined ? '' : shown(ratio),
    goalText(row),
    reached === undefined ? '' : reached ? 'reached' : 'missed',
  ];
}

function goalText({ ratioMax, oursMax }: Row): string {
  if (oursMax !== undefined) return `≤ ${oursMax}`;
  if (ratioMax === undefined) return '';
  return ratioMax < 1 ? `≤ 1/${Math.round(1 / ratioMax)}` : `≤ ${ratioMax} ×`;
}

function shown(value: number): string {
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(rounded(value));
}

function jsonOf(row: Row): object {
  const { nodes, figure, ours, peer, ratioMax, oursMax } = row;
  const ratio = ratioOf(row);
  return {
    nodes,
    figure,
    ours: rounded(ours),
    peer: peer === undefined ? undefined : rounded(peer),
    ratio: ratio === undefined ? undefined : rounded(ratio),
    goal: ratioMax === undefined ? oursMax : rounded(ratioMax),
    goalOf: ratioMax !== undefined ? 'ratio' : oursMax !== undefined ? 'ours' : undefined,
    reached: isReached(row),
  };
}
