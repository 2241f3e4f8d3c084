import type { DeviceNodeSpec, DeviceRuleSpec, DevicesSpec } from '../spec.js';
import { absolutePath, integer, matching, octalMode, oneOf, refusing } from './values.js';
import { child, children, flag, listWord, mode, number, objectWord, text } from './word.js';

/** Words about devices. */

const required = { required: true };
const access = matching('letters of rwm', /^[rwm]{1,3}$/);
const devicePath = refusing(absolutePath, (path) => (/^\/+dev\/+[^/]/.test(path) ? undefined : "must be below '/dev'"));
const devnumber = integer(0, 4294967295);
const id = integer(0, 4294967294);

const node = objectWord<DeviceNodeSpec>('node', 'a device in /dev', [
  text('path', 'absolute path inside, below /dev', devicePath, required),
  text('kind', '`block` or `char`', oneOf(['block', 'char']), required),
  text('source', 'node of the host, or file with `loop`', absolutePath),
  flag('loop', 'the source is a file, which a loop device shows'),
  mode('mode', 'permissions; when missing: 0700', octalMode()),
  number('uid', 'owner inside', id),
  number('gid', 'group inside', id),
  text('access', 'what the device controller lets through', access, required),
  child(
    'numbers',
    objectWord('numbers', 'instead of a source', [
      number('major', 'major number', devnumber, required),
      number('minor', 'minor number', devnumber, required),
    ]),
  ),
]);

const rule = objectWord<DeviceRuleSpec>('rule', 'what the device controller lets through; a later one wins', [
  flag('allow', 'or denies', required),
  text('kind', 'of which devices', oneOf(['all', 'block', 'char']), required),
  number('major', 'when missing: any', devnumber),
  number('minor', 'when missing: any', devnumber),
  text('access', 'which ways', access, required),
]);

/** Nodes behind those of libvirt's own elements. */
export const devicesWord = objectWord<DevicesSpec>('devices', "devices besides those of libvirt's elements", [
  children('nodes', node),
  child('rules', listWord('rules', 'rules instead of those that the nodes give', rule)),
]);
