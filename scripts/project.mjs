// What every script needs to know: where the project is, whether it is the program that was started, how to tell and fail.
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout, absolute. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Whether the module of this URL is the program that was started. @param {string} url */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}

/** Tells what is going on: on stderr, so that stdout is only the answer. @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Ends the script with exit status 1. @param {string} message @param {string} [hint] @returns {never} */
export function fail(message, hint) {
  say(hint === undefined ? message : `${message}\nhint: ${hint}`);
  process.exit(1);
}
