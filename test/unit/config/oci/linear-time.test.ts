import { expect, test } from 'vitest';
import { readJson } from '../../../../src/config/json/read-json.js';
import { readOci } from '../../../../src/config/oci/read-oci.js';
import { LINEAR, measureGrowth } from '../growth.js';
import { OPTIONS } from './config-text.js';

function run(text: string): void {
  readOci(text, OPTIONS);
  readJson(text, OPTIONS);
}

const repeat = (size: number, item: string) =>
  Array.from({ length: Math.floor(size / (item.length + 1)) }, () => item).join(',');
const inLinux = (body: string) => `{"ociVersion":"1.0.0","root":{"path":"/r"},"linux":{${body}}}`;
const inProcess = (body: string) =>
  `{"ociVersion":"1.0.0","root":{"path":"/r"},"process":{"cwd":"/","user":{"uid":0,"gid":0},${body}}}`;

test.each<[string, (size: number) => string]>([
  ['namespaces of one type', (size) => inLinux(`"namespaces":[${repeat(size, '{"type":"pid"}')}]`)],
  ['misspelt types', (size) => inLinux(`"namespaces":[${repeat(size, '{"type":"netwrok"}')}]`)],
  [
    'ranges that overlap',
    (size) => inLinux(`"uidMappings":[${repeat(size, '{"containerID":0,"hostID":0,"size":9}')}]`),
  ],
  [
    'capabilities that are none',
    (size) => inProcess(`"capabilities":{"bounding":[${repeat(size, '"CAP_NET_ADMIM"')}]}`),
  ],
  [
    'unknown properties',
    (size) => `{${Array.from({ length: size / 20 }, (_, index) => `"proces${index}":1`).join(',')}}`,
  ],
  [
    'unknown properties below a long name',
    (size) =>
      inLinux(
        `"resources":{"rdma":{"${'n'.repeat(size / 2)}":{${Array.from({ length: size / 30 }, (_, index) => `"u${index}":1`).join(',')}}}}`,
      ),
  ],
  ['a long PATH', (size) => inProcess(`"args":["sh"],"env":["PATH=${'/b:'.repeat(size / 3)}"]`)],
  ['a name of dots', (size) => inLinux(`"sysctl":{"${'a.'.repeat(size / 2)}!":"1"}`)],
  ['dots of a path', (size) => inLinux(`"cgroupsPath":"${'/..a'.repeat(size / 4)}"`)],
  ['dots of a file', (size) => `{"cgroupFiles":[{"version":1,"file":"a${'.'.repeat(size)}!","value":""}]}`],
  [
    'letters of an access',
    (size) => `{"devices":{"nodes":[{"path":"/dev/x","kind":"char","access":"${'rw'.repeat(size / 2)}"}]}}`,
  ],
  [
    'mounts',
    (size) =>
      `{"ociVersion":"1.0.0","root":{"path":"/r"},"mounts":[${repeat(size, '{"destination":"/a","source":"/b","options":["bind"]}')}]}`,
  ],
])('%s: time grows with the length of the text, not with its square', { timeout: 60_000 }, (_, make) => {
  expect(measureGrowth(run, make)).toBeLessThan(LINEAR);
});
