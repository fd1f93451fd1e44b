/** The module that may be required by its name has no types of its own; it is this one. */
declare module '@messageformat/core/compile-module.js' {
  export { default } from '@messageformat/core/lib/compile-module.js';
}
