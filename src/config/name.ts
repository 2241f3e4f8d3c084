/** The one rule for names of containers and networks, in words. They become path components, cgroup names and host names. */
export const NAME_RULE =
  "1 to 64 characters from A-Z a-z 0-9 '_' '.' '-', the first a letter or digit, the last no dot";

/** Whether `name` may name a container. Checked at every verb, and on names read back from disk. */
export function isContainerName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name) && !name.endsWith('.');
}
