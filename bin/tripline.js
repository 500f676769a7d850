#!/usr/bin/env node
// Checked before anything is loaded: older versions cannot even parse what follows.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`tripline: Node.js 20.19 or later is required; this is ${process.version}.\n`);
  process.exitCode = 2;
} else {
  const { main } = await import('../dist/cli/main.js').catch(refuse);
  process.exitCode = await main(process.argv);
}

/** Whoever may open a few files only cannot even load the program. */
function refuse(error) {
  if (!/EMFILE|ENFILE/.test(String(error))) throw error;
  process.stderr.write('tripline: This process may open too few files: allow it 1024 or more (ulimit -n).\n');
  process.exit(1);
}
