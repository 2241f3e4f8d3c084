/** Makes every format ready at once: for the library, whose functions are synchronous where they need not wait. */
import { addFormats } from './formats.js';
import { JSON_FORMAT } from './json-format.js';
import { LXC } from './lxc-format.js';
import { NSPAWN } from './nspawn-format.js';
import { OCI } from './oci-format.js';

addFormats({ nspawn: NSPAWN, lxc: LXC, oci: OCI, json: JSON_FORMAT });
