/** The streams of all groups, bounded together: the longest silent one is forgotten first. */
import { idText, type NodeId } from '../codec/id.ts';
import type { Group, StreamEntry } from './group.ts';
import { STREAMS_MAX } from './limits.ts';
import { Stream } from './stream.ts';

export class Streams {
  /** The longest silent first. */
  readonly #entries = new Set<StreamEntry>();
  /** Those with a gap that is not reported yet. */
  readonly #open = new Set<StreamEntry>();

  get size(): number {
    return this.#entries.size;
  }

  /** The stream of this sender, with this multicast as its first if there is none. */
  touch(group: Group, sender: NodeId, epoch: number, seq: number): { entry: StreamEntry; first: boolean } {
    const name = idText(sender);
    const known = group.streams.get(name);
    const entry = known ?? { group, sender, name, stream: new Stream(epoch, seq) };
    if (known) this.#entries.delete(known);
    else if (this.#entries.size >= STREAMS_MAX) this.#remove(this.#entries.values().next().value!);
    this.#entries.add(entry);
    group.streams.set(name, entry);
    return { entry, first: known === undefined };
  }

  /** To be called after a stream has taken something. When it is to be looked at again, if so. */
  settle(entry: StreamEntry): number | undefined {
    const { reportAt } = entry.stream;
    if (reportAt === undefined) this.#open.delete(entry);
    else this.#open.add(entry);
    return reportAt;
  }

  /** Those with a gap. */
  open(): readonly StreamEntry[] {
    return [...this.#open];
  }

  drop(group: Group): void {
    for (const entry of group.streams.values()) this.#remove(entry);
  }

  #remove(entry: StreamEntry): void {
    this.#entries.delete(entry);
    this.#open.delete(entry);
    entry.group.streams.delete(entry.name);
  }
}
