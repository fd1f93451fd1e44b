/**
 * A schema as one predicate, for what nearly all messages are: right. It says yes in a fraction of valibot's time; whatever it
 * does not say yes to, valibot decides and gives the reason.
 */
import type * as v from 'valibot';

/** True only for values that the schema takes as they are. */
export type Acceptor = (value: unknown) => boolean;

/** What valibot keeps in its schemas and actions, by their `type`. */
interface Node {
  readonly kind: string;
  readonly type: string;
  readonly entries?: Readonly<Record<string, Node>>;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly item?: Node;
  readonly items?: readonly Node[];
  readonly wrapped?: Node;
  readonly pipe?: readonly Node[];
  readonly requirement?: unknown;
  readonly check?: (value: unknown) => boolean;
  readonly getter?: (value: unknown) => Node;
}

/** Undefined when the schema has something that changes values, or that this does not know: then valibot decides all. */
export function acceptorOf(schema: v.GenericSchema): Acceptor | undefined {
  return compile(schema as unknown as Node);
}

const compiled = new WeakMap<Node, Acceptor | null>();

function compile(node: Node): Acceptor | undefined {
  const known = compiled.get(node);
  if (known !== undefined) return known ?? undefined;
  const acceptor = node.pipe === undefined ? compileSchema(node) : compilePipe(node.pipe);
  compiled.set(node, acceptor ?? null);
  return acceptor;
}

function compilePipe(pipe: readonly Node[]): Acceptor | undefined {
  // A pipe may begin with another pipe.
  const steps = pipe.map((node, i) => (i === 0 ? compile(node) : compileAction(node)));
  return steps.every((step) => step !== undefined) ? allOf(steps) : undefined;
}

function allOf(steps: readonly Acceptor[]): Acceptor {
  return (value) => {
    for (const step of steps) if (!step(value)) return false;
    return true;
  };
}

function compileSchema(node: Node): Acceptor | undefined {
  switch (node.type) {
    case 'string':
      return (value) => typeof value === 'string';
    case 'number':
      return (value) => typeof value === 'number' && !Number.isNaN(value);
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'literal': {
      const { literal } = node;
      return (value) => value === literal;
    }
    case 'picklist': {
      const options = node.options!;
      return (value) => options.includes(value);
    }
    case 'custom':
      return node.check;
    case 'nullable': {
      const inner = compile(node.wrapped!);
      return inner && ((value) => value === null || inner(value));
    }
    case 'array': {
      const item = compile(node.item!);
      return item && ((value) => Array.isArray(value) && value.every(item));
    }
    case 'strict_tuple':
      return compileTuple(node.items!);
    case 'strict_object':
      return compileObject(node.entries!);
    case 'lazy': {
      const getter = node.getter!;
      return (value) => compile(getter(value))?.(value) ?? false;
    }
    default:
      return undefined;
  }
}

function compileTuple(items: readonly Node[]): Acceptor | undefined {
  const fields = items.map(compile);
  if (!fields.every((field) => field !== undefined)) return undefined;
  return (value) =>
    Array.isArray(value) && value.length === fields.length && fields.every((field, i) => field(value[i]));
}

function compileObject(entries: Readonly<Record<string, Node>>): Acceptor | undefined {
  const keys = Object.keys(entries);
  const fields = keys.map((key) => compile(entries[key]!));
  if (!fields.every((field) => field !== undefined)) return undefined;
  const count = keys.length;
  return (value) => {
    if (typeof value !== 'object' || value === null || Object.keys(value).length !== count) return false;
    for (let i = 0; i < count; i++) {
      const key = keys[i]!;
      if (!Object.hasOwn(value, key) || !fields[i]!((value as Readonly<Record<string, unknown>>)[key]))
        return false;
    }
    return true;
  };
}

function compileAction(node: Node): Acceptor | undefined {
  const requirement = node.requirement as never;
  switch (node.type) {
    case 'max_length':
      return (value) => (value as { readonly length: number }).length <= requirement;
    case 'min_length':
      return (value) => (value as { readonly length: number }).length >= requirement;
    case 'length':
      return (value) => (value as { readonly length: number }).length === requirement;
    case 'min_value':
      return (value) => (value as number) >= requirement;
    case 'max_value':
      return (value) => (value as number) <= requirement;
    case 'safe_integer':
      return Number.isSafeInteger;
    case 'check':
      return requirement;
    default:
      return undefined;
  }
}
