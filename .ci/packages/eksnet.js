#!/usr/bin/env node
// Starts the eksnet of this machine's package, with its streams, signals and exit code.
"use strict";
const { spawn } = require("node:child_process");

const name = `@eksnet/${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${name}/bin/eksnet`);
} catch {
  console.error(
    `error: the package ${name} is not installed\n` +
      "  help: it is an optional dependency of eksnet: install without --omit=optional; for other machines: cargo install eksnet",
  );
  process.exit(1);
}

const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// A terminal sends Ctrl-C to both: eksnet decides what it means, and this process waits for it.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`error: cannot start ${program}: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
