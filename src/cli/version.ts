/** The version of ctr, as in package.json (a test compares them): `ctr --version` must not read a file. */
export const VERSION = '0.1.0';
