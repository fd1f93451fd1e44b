/** Imported first by every command: says in one sentence when this Node is too old, before anything newer is loaded. */

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `ePOST needs Node 20.19 or newer; this is Node ${process.versions.node}. See https://nodejs.org/.`,
  );
  process.exit(1);
}
