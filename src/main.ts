/** The command line. Every command is a chunk of its own, loaded when it runs. */
import { answer } from './cli/output.js';
import { VERSION } from './cli/version.js';

const args = process.argv.slice(2);
if (args[0] === '--version' || args[0] === '-V') {
  answer(`ctr ${VERSION}\n`);
} else {
  // No top-level await: the bundle is CommonJS, which starts faster.
  void import('./cli/run.js')
    .then(({ run }) => run(args))
    .then((status) => {
      process.exitCode = status;
    });
}
