/** What the build makes of a language's messages (scripts/compiled-messages.mjs). */
declare module '*?compiled' {
  export const messages: import('./message-types.ts').Messages;
}
