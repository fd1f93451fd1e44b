/** Vite plugin: `messages.ts?compiled` gives the ICU messages of a language as JavaScript, so that no parser is loaded. */
import { basename, dirname } from 'node:path';
import MessageFormat from '@messageformat/core';
import compileModule from '@messageformat/core/compile-module.js';
import { parse } from '@messageformat/parser';

/** @typedef {string | Messages} Entry */
/** @typedef {{ readonly [key: string]: Entry }} Messages messages by key, nested as deep as one likes */

const SUFFIX = '?compiled';

/** @returns {import('vite').Plugin} */
export function compiledMessages() {
  return {
    name: 'epost-compiled-messages',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(SUFFIX)) return undefined;
      const file = id.slice(0, -SUFFIX.length);
      const { messages, sources } = await readMessages(file);
      for (const source of sources) this.addWatchFile(source);
      return { code: compileMessages(basename(dirname(file)), messages), moduleType: 'js' };
    },
  };
}

/**
 * The messages that a file exports, and the files that they come from.
 * @param {string} file a TypeScript module that exports `messages`
 * @returns {Promise<{ messages: Messages, sources: string[] }>}
 */
export async function readMessages(file) {
  const { build } = await import('esbuild');
  const bundle = await build({
    entryPoints: [file],
    absWorkingDir: dirname(file),
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const code = /** @type {{ text: string }} */ (bundle.outputFiles[0]).text;
  const module = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  const sources = Object.keys(bundle.metafile.inputs).map((input) => `${dirname(file)}/${input}`);
  return { messages: module.messages, sources };
}

/**
 * A module that exports `messages` with the same keys: a text without parameters is a string, any other a function.
 * @param {string} language BCP 47
 * @param {Messages} messages
 */
export function compileMessages(language, messages) {
  /** @type {Record<string, string>} */
  const withParameters = {};
  let count = 0;
  /** @type {(entry: Entry) => string} */
  const write = (entry) => {
    if (typeof entry !== 'string')
      return `{ ${Object.entries(entry)
        .map(([key, inner]) => `${JSON.stringify(key)}: ${write(inner)}`)
        .join(', ')} }`;
    const tokens = parse(entry);
    const [first] = tokens;
    if (tokens.length === 1 && first?.type === 'content') return JSON.stringify(first.value);
    const name = `f${count++}`;
    withParameters[name] = entry;
    return `functions.${name}`;
  };
  const written = write(messages);
  const functions = compileModule(new MessageFormat(language), withParameters);
  return `${functions.replace('export default {', 'const functions = {')};\nexport const messages = ${written};\n`;
}
