/** The model of a container as the text of a `.nspawn` file. systemd.nspawn(5) */
import type { ContainerSpec } from '../spec.js';
import { SECTIONS } from './read-assignments.js';
import type { SettingRow } from './rows.js';
import { SETTING_ROWS } from './setting-rows.js';
import { createSettings } from './settings.js';
import { settingsOfSpec } from './settings-of-spec.js';

/**
 * The settings that say what the model says, in the order of the table. What there is no word for is left out: the name, the root,
 * memory limits, … Ends with a newline.
 */
export function formatNspawn(spec: ContainerSpec): string {
  const settings = settingsOfSpec(spec);
  const sections = SECTIONS.map((section) => {
    const lines = SETTING_ROWS.filter((row) => row.section === section).flatMap((row) =>
      row
        .print(settings)
        .filter((value) => isReadable(row, value))
        // At the end of a line a backslash would join the next one to it; a blank there is no part of the value
        .map((value) => `${row.key}=${value}${value.endsWith('\\') ? ' ' : ''}\n`),
    );
    return lines.length === 0 ? '' : `[${section}]\n${lines.join('')}`;
  });
  return sections.filter((section) => section !== '').join('\n');
}

/** A value that would be ignored, or break the line, says nothing: other formats allow names that nspawn does not. */
function isReadable(row: SettingRow, value: string): boolean {
  let fits = !/[\n\r\0]|^[ \t]|[ \t]$/.test(value);
  const refuse = () => {
    fits = false;
  };
  row.read(value, createSettings(), { bad: refuse, fail: refuse, warn: () => undefined });
  return fits;
}
