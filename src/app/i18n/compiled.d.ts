/** What the build makes of a language's messages (scripts/compiled-messages.mjs). */
declare module '*?compiled' {
  // A module that is declared by a pattern may not import from a file beside it.
  // eslint-disable-next-line @typescript-eslint/consistent-type-imports
  export const messages: import('./message-types.ts').Messages;
}
