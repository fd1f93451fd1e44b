/** What one node knows of one group: whether it is a member, its parent and its children in the tree. Scribe §2.2. */
import { idText, type Key, type NodeId } from '../codec/id.ts';
import type { Stream } from './stream.ts';

/** A neighbour above us. */
export interface Parent {
  readonly nodeId: NodeId;
  readonly name: string;
  heardAt: number;
  /** When we joined it or renewed our lease. */
  renewedAt: number;
}

/** A neighbour whom we asked to be our parent. */
export interface Joining {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly expires: number;
}

export interface Child {
  readonly nodeId: NodeId;
  readonly name: string;
  /** The child's number of the group. */
  readonly channel: number;
  leaseUntil: number;
  /** When it heard from us last. */
  toldAt: number;
  /** Could not be handed on: not tried again before this. */
  staysUntil: number;
}

/** What came of one sender's multicasts to one group. */
export interface StreamEntry {
  readonly group: Group;
  readonly sender: NodeId;
  readonly name: string;
  readonly stream: Stream;
}

export class Group {
  readonly key: Key;
  readonly name: string;
  /** Our number of the group, told to parents. */
  readonly channel: number;
  member = false;
  /** We are the live node closest to its key. Then there is no parent. */
  root = false;
  parent: Parent | undefined;
  /** With a parent: we are being handed on, and keep the parent until the new one has answered. */
  joining: Joining | undefined;
  /** What it still had on its way is taken. */
  former: { readonly name: string; readonly until: number } | undefined;
  /** From the root to our parent, or to the last one that we had; the root's own is empty. */
  path: readonly NodeId[] = [];
  /** When the children were told of it, and whether they are to be told again. */
  pathToldAt = -Infinity;
  pathUntold = false;
  /** When to look for a parent again; undefined: not planned. */
  retryAt: number | undefined;
  /** Joins that failed since we had a parent. */
  failures = 0;
  /** Times that we were sent elsewhere since then. */
  moves = 0;
  /** Since when there has been no parent. */
  orphanSince: number | undefined;
  readonly children = new Map<string, Child>();
  /** The child that is being handed on. */
  handover: { readonly name: string; readonly until: number } | undefined;
  /** By the sender's name. */
  readonly streams = new Map<string, StreamEntry>();

  constructor(key: Key, channel: number) {
    this.key = key;
    this.name = idText(key);
    this.channel = channel;
  }

  /** Someone needs what is said here: a member or a child. */
  get needed(): boolean {
    return this.member || this.children.size > 0;
  }

  /** Something is to be looked at before the next round. */
  get restless(): boolean {
    return (
      this.joining !== undefined ||
      this.retryAt !== undefined ||
      this.pathUntold ||
      this.handover !== undefined ||
      this.orphanSince !== undefined
    );
  }
}
