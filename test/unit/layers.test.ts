/** Keeps the layers: imports point one way, files do not import in circles, core touches nothing of the world. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What each layer may import besides itself; the map is design.md's, and ARCHITECTURE.md draws it. */
const mayImport: Readonly<Record<string, readonly string[]>> = withLower({
  'core/codec': [],
  'core/crypto': ['core/codec'],
  'core/identity': ['core/crypto'],
  'core/overlay': ['core/identity'],
  'core/storage': ['core/overlay'],
  'core/multicast': ['core/overlay'],
  'core/post': ['core/storage', 'core/multicast'],
  'core/alliance': ['core/storage', 'core/multicast'],
  'core/mail': ['core/post', 'core/alliance'],
  'core/groups': ['core/post', 'core/alliance'],
  'core/backup': ['core/mail'],
  'core/node': ['core/mail', 'core/groups', 'core/backup'],
  adapters: ['core/node'],
  app: ['adapters'],
  'service-worker': ['adapters'],
  relay: ['adapters'],
});

/** Packages that core may use: pure computation, the same in a tab, in Node and in the simulator. */
const corePackages = [
  'valibot',
  'multiformats',
  '@noble/curves',
  '@noble/hashes',
  '@hpke/core',
  '@scure/bip39',
  'postal-mime',
  'mimetext',
  '@ipld/car',
];

/** Globals that are time, chance, place or platform: they come to core through ports. */
const forbiddenGlobals = new Set([
  ...['window', 'self', 'document', 'navigator', 'location', 'history', 'localStorage', 'sessionStorage'],
  ...[
    'indexedDB',
    'caches',
    'BroadcastChannel',
    'MessageChannel',
    'WebSocket',
    'RTCPeerConnection',
    'Worker',
  ],
  ...['fetch', 'XMLHttpRequest', 'performance', 'process', 'Buffer', 'require', 'global', 'console'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'queueMicrotask'],
  ...['requestAnimationFrame', 'requestIdleCallback', 'alert'],
]);

/** Members of allowed globals that are forbidden all the same. */
const forbiddenMembers = new Set([
  'Date.now',
  'Math.random',
  'crypto.getRandomValues',
  'crypto.randomUUID',
  'globalThis',
]);

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

interface SourceFile {
  /** From the root: `src/core/codec/id.ts`. */
  readonly path: string;
  readonly layer: string;
  readonly source: ts.SourceFile;
  readonly imports: readonly Import[];
}

const files = [...sourceFiles('src'), ...sourceFiles('relay/src')];
const core = files.filter(({ path }) => path.startsWith('src/core/'));

describe('the layers', () => {
  it('are known: every folder has its place in the order', () => {
    const unknown = files.filter(({ layer }) => !(layer in mayImport)).map(({ path }) => path);
    expect(unknown, 'files outside every layer; give their folder a line in mayImport').toEqual([]);
    expect(files.length).toBeGreaterThan(20);
  });

  it('import only what is below them', () => {
    const upward = files.flatMap(({ path, layer, imports }) =>
      imports.flatMap(({ target }) => {
        const other = localLayer(path, target);
        if (other === undefined || other === layer || mayImport[layer]?.includes(other)) return [];
        return [`${path} (${layer}) imports ${target} (${other}), which is not below ${layer}`];
      }),
    );
    expect(upward).toEqual([]);
  });

  it('have no files that import each other in a circle', () => {
    expect(cycles(files)).toEqual([]);
  });
});

describe('core', () => {
  it('imports only packages that compute and nothing of the world', () => {
    const strange = core.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => !target.startsWith('.'))
        .filter(
          ({ target }) => !corePackages.some((name) => target === name || target.startsWith(`${name}/`)),
        )
        .map(
          ({ target }) => `${path} imports ${target}; core takes the world through ports (see corePackages)`,
        ),
    );
    expect(strange).toEqual([]);
  });

  it('uses no globals of time, chance, place or platform', () => {
    const uses = core.flatMap((file) =>
      forbiddenUses(file.source).map(
        (use) => `${file.path}:${use.line} uses ${use.name}; take it through a port`,
      ),
    );
    expect(uses).toEqual([]);
  });
});

describe('this test', () => {
  const parsed = (text: string) => ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
  const uses = (text: string) => forbiddenUses(parsed(text)).map(({ name }) => name);

  it('finds forbidden globals, but not properties, types or variables of the same name', () => {
    expect(uses('setTimeout(() => 1, 2); const t = Date.now() + Math.random();')).toEqual([
      'setTimeout',
      'Date.now',
      'Math.random',
    ]);
    expect(uses('const d = new Date(); globalThis.fetch(x); crypto.getRandomValues(b);')).toEqual([
      'new Date()',
      'globalThis',
      'crypto.getRandomValues',
    ]);
    expect(uses('function f(self: Id) { return a.performance + self.process; } new Date(5);')).toEqual([]);
    expect(uses('interface A { document: string } const b = { fetch: 1 }; crypto.subtle.sign(k);')).toEqual(
      [],
    );
  });

  it('finds imports of every form', () => {
    const text =
      "import a from './a.ts'; import type { B } from './b.ts'; export { c } from './c.ts'; const d = await import('./d.ts');";
    expect(importsOf(parsed(text))).toEqual([
      { target: './a.ts', typeOnly: false },
      { target: './b.ts', typeOnly: true },
      { target: './c.ts', typeOnly: false },
      { target: './d.ts', typeOnly: false },
    ]);
  });

  it('finds circles, but not those of types alone', () => {
    const file = (name: string, target: string, typeOnly = false): SourceFile => ({
      path: `src/app/${name}.ts`,
      layer: 'app',
      source: parsed(''),
      imports: [{ target, typeOnly }],
    });
    expect(cycles([file('a', './b.ts'), file('b', './c.ts'), file('c', './a.ts')])).toEqual([
      'src/app/a.ts → src/app/b.ts → src/app/c.ts → src/app/a.ts',
    ]);
    expect(cycles([file('a', './b.ts'), file('b', './a.ts', true)])).toEqual([]);
  });
});

/** Adds to each layer all that is below those it names. */
function withLower(direct: Record<string, readonly string[]>): Record<string, readonly string[]> {
  const lower = (layer: string): string[] =>
    (direct[layer] ?? []).flatMap((below) => [below, ...lower(below)]);
  return Object.fromEntries(Object.keys(direct).map((layer) => [layer, [...new Set(lower(layer))]]));
}

function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => /\.(ts|svelte)$/.test(path) && !path.includes('node_modules'))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const script = path.endsWith('.svelte') ? scriptsOf(text) : text;
      const source = ts.createSourceFile(path, script, ts.ScriptTarget.Latest, true);
      return { path, layer: layerOf(path), source, imports: importsOf(source) };
    });
}

/** The scripts of a component, on their own lines. */
function scriptsOf(component: string): string {
  return [...component.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]!).join('\n');
}

/** `core/codec`, `adapters`, `app`, `service-worker` or `relay`; files directly in src/ belong to the app. */
function layerOf(path: string): string {
  const [top, second, third] = path.split('/');
  if (top === 'relay') return 'relay';
  if (second === 'core') return `core/${third!}`;
  return path.split('/').length === 2 ? 'app' : second!;
}

/** Layer of a file of ours that `target` names; undefined for packages. */
function localLayer(path: string, target: string): string | undefined {
  if (!target.startsWith('.')) return target.startsWith('@epost/relay') ? 'relay' : undefined;
  const resolved = relative(root, resolve(root, dirname(path), target));
  return /^(src|relay\/src)\//.test(resolved) ? layerOf(resolved) : undefined;
}

function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      found.push({ target: node.moduleSpecifier.text, typeOnly });
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      found.push({ target: node.moduleSpecifier.text, typeOnly: node.isTypeOnly });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [target] = node.arguments;
      if (target && ts.isStringLiteral(target)) found.push({ target: target.text, typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Circles of imports that exist when the program runs, each told once. */
function cycles(all: readonly SourceFile[]): string[] {
  const targets = new Map(
    all.map(({ path, imports }) => [
      path,
      imports
        .filter(({ target, typeOnly }) => target.startsWith('.') && !typeOnly)
        .map(({ target }) => relative(root, resolve(root, dirname(path), target))),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): void => {
    const seen = way.indexOf(path);
    if (seen >= 0) found.push([...way.slice(seen), path].join(' → '));
    if (seen >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) walk(target, [...way, path]);
    done.add(path);
  };
  for (const path of targets.keys()) walk(path, []);
  return found;
}

function forbiddenUses(source: ts.SourceFile): { readonly name: string; readonly line: number }[] {
  const declared = declaredNames(source);
  const found: { name: string; line: number }[] = [];
  const add = (node: ts.Node, name: string): void => {
    found.push({ name, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
      add(node, 'new Date()');
    if (ts.isPropertyAccessExpression(node)) {
      const name = `${node.expression.getText()}.${node.name.text}`;
      if (forbiddenMembers.has(name)) add(node, name);
      visit(node.expression);
      return;
    }
    if (ts.isIdentifier(node) && !declared.has(node.text) && isReference(node)) {
      if (forbiddenGlobals.has(node.text) || forbiddenMembers.has(node.text)) add(node, node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Names that the file itself gives to variables, parameters, functions and imports. */
function declaredNames(source: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isImportClause(node);
    if (declares && node.name && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** Not the name of a property, member or label. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  const isOwnName = 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
  const isKey = ts.isPropertyAssignment(parent) && parent.name === node;
  const isPropertyName = ts.isBindingElement(parent) && parent.propertyName === node;
  return !isOwnName && !isKey && !isPropertyName;
}
