/** The command line. Every command is a chunk of its own, loaded when it runs. */
import { VERSION } from './version.js';

const args = process.argv.slice(2);
if (args[0] === '--version' || args[0] === '-V') {
  process.stdout.write(`ctr ${VERSION}\n`);
} else {
  const { run } = await import('./cli/run.js');
  process.exitCode = await run(args);
}
