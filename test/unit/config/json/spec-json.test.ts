import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatJson } from '../../../../src/config/json/format-json.js';
import { readJson } from '../../../../src/config/json/read-json.js';
import { formatSpecSchema, specSchema } from '../../../../src/config/json/spec-schema.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';
import { FULL, MINIMAL, SYSTEM } from '../../container/example-specs.js';
import { anySpec } from '../libvirt/spec-arbitrary.js';
import { WHOLE } from './whole-spec.js';

const read = (text: string, options = {}) => readJson(text, { file: 'web.json', ...options });
const faults = (text: string) =>
  read(text).diagnostics.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );

/** A print of the spec with one part of it replaced. */
function changed(from: string, to: string, spec: ContainerSpec = MINIMAL): string {
  const text = formatJson(spec);
  expect(text.split(from).length).toBe(2);
  return text.replace(from, () => to);
}

describe("the model's own form", () => {
  test.each(Object.entries({ MINIMAL, SYSTEM, FULL, WHOLE: WHOLE as ContainerSpec }))(
    '%s is the same after printing and reading',
    (_, spec) => {
      expect(read(formatJson(spec))).toEqual({ definition: { spec }, diagnostics: [] });
    },
  );

  test('any spec is the same after printing and reading', () => {
    const right = anySpec.filter(({ idmap, idRange }) => idmap === undefined || idRange === undefined);
    fc.assert(fc.property(right, (spec) => void expect(read(formatJson(spec)).definition?.spec).toEqual(spec)));
  });

  test('a given name and root stand instead of the text’s', () => {
    const { definition } = read(formatJson(SYSTEM), { name: 'other', rootfs: '/srv/other' });
    expect(definition?.spec.name).toBe('other');
    expect(definition?.spec.filesystems).toEqual([{ ...SYSTEM.filesystems[0], source: '/srv/other' }]);
    expect(read(formatJson(MINIMAL), { rootfs: '/srv/x' }).definition?.spec.filesystems).toEqual([
      { type: 'mount', source: '/srv/x', target: '/', readonly: false, accessMode: 'passthrough' },
    ]);
    expect(read(formatJson(MINIMAL), { name: '../x' }).definition).toBeUndefined();
  });

  test('reports all faults of a text together, each at its place', () => {
    const text = `{
  "format": "xml",
  "name": "../web",
  "memroy": {},
  "memory": {"totalBytes": -1},
  "cpu": {"count": "2"},
  "init": {"path": "/init", "args": [1], "env": [{"name": "A=B", "value": "x"}]},
  "features": {"privnet": 1, "capabilities": {"policy": "deny", "states": []}},
  "filesystems": [{"type": "rma", "target": "/", "readonly": false}, {"type": "ram", "target": "../x", "readonly": false}],
  "interfaces": {},
  "consoles": [{"type": "pty", "port": 1}],
  "lifecycle": {"onPoweroff": "destroy", "onReboot": "restart"}
}`;
    expect(faults(text)).toEqual([
      "1:1 the configuration needs 'security'",
      "2:13 format must be one of libvirt, nspawn, lxc, oci, not 'xml'",
      "3:11 name must be 1 to 64 characters from A-Z a-z 0-9 '_' '.' '-', the first a letter or digit, the last no dot, not '../web'",
      "4:3 unknown property 'memroy' (did you mean 'memory'?)",
      "5:28 memory.totalBytes must be a whole number from 0 to 9007199254740991, not '-1'",
      "6:20 cpu.count must be a whole number from 1 to 16384, not '2'",
      "7:38 init.args[0] must be text, not '1'",
      "7:59 init.env[0].name must be a name without '=', not 'A=B'",
      "8:27 features.privnet must be true or false, not '1'",
      "9:28 filesystems[0].type must be one of mount, bind, ram, block, file, special, overlay, inaccessible, template, volume, not 'rma'",
      "9:96 filesystems[1].target must be an absolute path, not '../x'",
      '10:17 interfaces must be a list, not an object',
      "11:32 unknown property 'port' in consoles[0]",
      "12:16 lifecycle needs 'onCrash'",
    ]);
  });

  test.each([
    ['null', '"title"', changed('"name": "vm1"', '"name": "vm1", "title": null')],
    [
      'an id map without root',
      'idmap.uid[0].inside must be 0',
      changed('"inside": 0', '"inside": 5', {
        ...SYSTEM,
        idmap: { uid: [{ inside: 0, outside: 1, count: 1 }], gid: [] },
      }),
    ],
    ['a fraction', 'cpu.count', changed('"count": 1', '"count": 1.5')],
    ['a relative path', 'init.dir', changed('"path": "/bin/sh"', '"path": "/bin/sh", "dir": "srv"')],
    ['NUL', 'must not contain the character NUL', changed('"path": "/bin/sh"', '"path": "/bin\\u0000"')],
  ])('refuses %s', (_, message, text) => {
    expect(read(text).definition).toBeUndefined();
    expect(faults(text).join('\n')).toContain(message.replaceAll('"', ''));
  });

  test('any change of a right text gives a spec or a fault, and never throws', () => {
    const text = formatJson(WHOLE as ContainerSpec);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.nat(20), fc.string({ maxLength: 3 }), (at, cut, put) => {
        const { definition, diagnostics } = read(text.slice(0, at) + put + text.slice(at + cut));
        expect(definition === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: 1000 },
    );
  });

  test('`__proto__` changes no object', () => {
    expect(faults(changed('"name": "vm1"', '"name": "vm1", "__proto__": {"polluted": 1}'))).toEqual([
      "3:18 unknown property '__proto__'",
    ]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('the schema', () => {
  test('is the checked-in file; `npm run generate` renews it', () => {
    const file = join(import.meta.dirname, '../../../../docs/reference/spec.schema.json');
    expect(readFileSync(file, 'utf8')).toBe(formatSpecSchema());
  });

  test('takes every property of the model, and refuses others', () => {
    expect(fits(specSchema(), JSON.parse(JSON.stringify(WHOLE)))).toBe(true);
    expect(fits(specSchema(), { ...WHOLE, idRange: { from: 'free', count: 65_536 } })).toBe(true);
    expect(fits(specSchema(), { ...MINIMAL, nmae: 1 })).toBe(false);
    expect(fits(specSchema(), { ...MINIMAL, cpu: { count: 0 } })).toBe(false);
    expect(fits(specSchema(), { ...MINIMAL, memory: undefined, name: 5 })).toBe(false);
  });
});

type Schema = Readonly<Record<string, unknown>>;

/** The words of JSON Schema that the table uses. */
function fits(schema: Schema, value: unknown): boolean {
  const any = (key: string) => schema[key] as readonly Schema[] | undefined;
  if (any('anyOf')?.some((each) => fits(each, value)) === false) return false;
  if (schema.oneOf !== undefined && any('oneOf')?.filter((each) => fits(each, value)).length !== 1) return false;
  if (schema.const !== undefined && schema.const !== value) return false;
  if (schema.enum !== undefined && !(schema.enum as unknown[]).includes(value)) return false;
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && new RegExp((schema.pattern as string | undefined) ?? '', 'u').test(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return (
        Number.isInteger(value) && Number(value) >= Number(schema.minimum) && Number(value) <= Number(schema.maximum)
      );
    case 'array':
      return Array.isArray(value) && value.every((item) => fits(schema.items as Schema, item));
    case 'object': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
      const properties = schema.properties as Readonly<Record<string, Schema>>;
      const names = Object.keys(value);
      const needed = schema.required as readonly string[];
      return (
        needed.every((name) => names.includes(name)) &&
        names.every((name) => Object.hasOwn(properties, name) && fits(properties[name] ?? {}, (value as Schema)[name]))
      );
    }
    default:
      return true;
  }
}
