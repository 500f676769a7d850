#!/usr/bin/env node
// Checked before anything is loaded: older versions cannot even parse what follows.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`tripline: Node.js 20.19 or later is required; this is ${process.version}.\n`);
  process.exitCode = 2;
} else {
  const { main } = await import('../dist/cli/main.js');
  process.exitCode = await main(process.argv);
}
