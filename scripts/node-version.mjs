/** Imported first by every command: says in one sentence when this Node is too old, before anything newer is loaded. */

const wanted = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  console.error(
    `ePOST needs Node ${wanted.join('.')} or newer; this is Node ${process.versions.node}. See https://nodejs.org/.`,
  );
  process.exit(1);
}
