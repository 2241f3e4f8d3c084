/** The table of all settings. The reader, the printer and the reference page go by it. */
import { fileRows } from './file-rows.js';
import { hostRows, identityRows } from './host-rows.js';
import { limitRows } from './limit-rows.js';
import { networkRows } from './network-rows.js';
import type { SettingRow } from './rows.js';
import { capabilityRows, ownershipRows, privilegeRows } from './security-rows.js';
import { startRows } from './start-rows.js';

/** In the order of printing. */
export const SETTING_ROWS: readonly SettingRow[] = [
  ...startRows,
  ...identityRows,
  ...capabilityRows,
  ...privilegeRows,
  ...limitRows,
  ...hostRows,
  ...fileRows,
  ...ownershipRows,
  ...networkRows,
];
