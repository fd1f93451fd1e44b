/** No text for people stands outside the catalogue: components and modules of the app are read for letters that would be shown. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, type AST } from 'svelte/compiler';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const app = fileURLToPath(new URL('../../../../src/app/', import.meta.url));
const files = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.(svelte|ts)$/.test(path) && !path.startsWith('i18n/'),
);

/** Attributes and properties of components that people read or hear. */
const TEXT_ATTRIBUTES =
  /^(aria-(label|description|valuetext|roledescription|placeholder)|title|placeholder|alt|label|hint|suffix|text|reason|description|summary|caption|heading)$/;
const LETTERS = /\p{L}{2}/u;
/** A sentence, or two words and more. */
const WORDS = /\p{L}{2,}[,;:]? \p{L}/u;
/** Functions that take selectors, or say something to developers alone. */
const NOT_SHOWN =
  /^(assert|closest|matches|matchMedia|querySelector(All)?|Error|BrokenStream|VaultError|InvariantError)$/;

interface Found {
  readonly place: string;
  readonly text: string;
}

/** Letters in the markup of a component. */
function textsOfMarkup(source: string, path: string): readonly Found[] {
  const found: Found[] = [];
  const at = (offset: number): string => `${path}:${source.slice(0, offset).split('\n').length}`;
  const look = (node: AST.SvelteNode | { readonly type: string }): void => {
    if (node.type === 'Text') {
      const text = node as AST.Text;
      if (LETTERS.test(text.data)) found.push({ place: at(text.start), text: text.data.trim() });
    } else if (node.type === 'ExpressionTag') {
      const { expression } = node as AST.ExpressionTag;
      const { start, end } = expression as unknown as { readonly start: number; readonly end: number };
      for (const text of shownLiterals(source.slice(start, end))) found.push({ place: at(start), text });
    } else if (node.type === 'Attribute') {
      const { name, value } = node as AST.Attribute;
      if (!TEXT_ATTRIBUTES.test(name) || value === true) return;
      for (const part of Array.isArray(value) ? value : [value]) look(part);
    } else if (['StyleSheet', 'Script', 'StyleDirective'].includes(node.type)) return;
    else for (const child of childrenOf(node)) look(child);
  };
  look(parse(source, { modern: true }).fragment);
  return found;
}

/** Nodes of the template within a node; expressions of JavaScript have other readers. */
function childrenOf(node: object): readonly { readonly type: string }[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'expression' || key === 'test' || key === 'metadata' || value === null) return [];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.filter(
      (one): one is { readonly type: string } => typeof one === 'object' && one !== null && 'type' in one,
    );
  });
}

/** Strings that an expression in the markup can come to: not those that it passes on or compares with. */
function shownLiterals(expression: string): readonly string[] {
  const source = ts.createSourceFile('x.ts', `(${expression})`, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isElementAccessExpression(node)) return;
    if (ts.isConditionalExpression(node)) {
      look(node.whenTrue);
      look(node.whenFalse);
      return;
    }
    const text = textOf(node);
    if (text !== undefined) {
      if (LETTERS.test(text)) found.push(text);
      return;
    }
    if (ts.isBinaryExpression(node) && /^[=!]==?$/.test(node.operatorToken.getText())) return;
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

/** Strings of several words in a module, or in the script of a component. */
function textsOfScript(source: string, path: string, lineOffset = 0): readonly Found[] {
  const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && NOT_SHOWN.test(nameOf(node.expression)))
      return;
    const text = textOf(node);
    if (text !== undefined && WORDS.test(text)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push({ place: `${path}:${line + 1 + lineOffset}`, text });
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return found;
}

/** The text of a string, or of a template with its holes; undefined for anything else. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…');
}

function nameOf(expression: ts.Expression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

function textsOf(path: string): readonly Found[] {
  const source = readFileSync(join(app, path), 'utf8');
  if (path.endsWith('.ts')) return textsOfScript(source, path);
  const scripts = [...source.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].flatMap((match) =>
    textsOfScript(match[1]!, path, source.slice(0, match.index).split('\n').length - 1),
  );
  return [...textsOfMarkup(source, path), ...scripts];
}

/** What looks like words and is none: formats, policies, classes of CSS, commands that are typed as they stand. */
const allowed: readonly RegExp[] = [
  /^(button|input|a), /,
  /^default-src /,
  /^light dark$/,
  /^<(!doctype|meta|link)/,
  /^noopener noreferrer/,
  /^npm run sim -- overlay/,
  // What a decoder or a client says is wrong in a format, in brackets behind the app's own sentence.
  /^(join under way|too long)$/,
];

test('the app says nothing but what is in the catalogue', () => {
  expect(files.length).toBeGreaterThan(100);
  const strays = files.flatMap(textsOf).filter(({ text }) => !allowed.some((pattern) => pattern.test(text)));
  expect(strays).toEqual([]);
});

describe('this test', () => {
  const markup = (source: string) => textsOfMarkup(source, 'X.svelte').map(({ text }) => text);
  const script = (source: string) => textsOfScript(source, 'x.ts').map(({ text }) => text);

  test('finds text in elements, in attributes that are read, and in choices', () => {
    expect(markup('<p>Hello</p>{#if x}<b title="Say {name}">{t.a}</b>{/if}')).toEqual(['Hello', 'Say']);
    expect(markup('<p aria-label={on ? "On it" : t.off}>{x ? `yes ${n}` : "no"}</p>')).toEqual([
      'On it',
      'yes …',
      'no',
    ]);
    expect(markup('<Field label="Name" {...rest} />{#each a as b}<i>–</i>{:else}none{/each}')).toEqual([
      'Name',
      'none',
    ]);
  });

  test('leaves alone what is not shown', () => {
    expect(markup('<p class="quiet text" role="status">{kind === "sent" ? t.a : t.b[`x`]}</p>')).toEqual([]);
    expect(
      markup(
        '<svg viewBox="0 0 8 8"><path d="M1 4h26" style:width="{w}px" /></svg>{f("abc")}<style>p { color: red }</style>',
      ),
    ).toEqual([]);
  });

  test('finds sentences in modules, but no names, selectors and assertions', () => {
    expect(script("const a = 'That did not work.'; f(`${n} messages are here`);")).toEqual([
      'That did not work.',
      '… messages are here',
    ]);
    expect(script("assert(x, 'the log has room'); e.closest('button, a'); const b = 'bad-address';")).toEqual(
      [],
    );
  });
});
