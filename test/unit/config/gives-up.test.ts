import { expect, test } from 'vitest';
import { givesUp } from '../../../src/config/gives-up.js';
import { define, domainText } from './domain-text.js';

const IDMAP =
  "<idmap><uid start='0' target='100000' count='65536'/><gid start='0' target='100000' count='65536'/></idmap>";
const ROOT = "<filesystem><source dir='/srv/web'/><target dir='/'/></filesystem>";
const PRIVNET = '<features><privnet/></features>';

const extension = (content: string) =>
  `<metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'>${content}</ctr:container></metadata>`;

function linesOf(body: string, devices: string): string[] {
  return givesUp(define(domainText({ body, devices })).spec).map((line) => line.split(':')[0] ?? '');
}

test('a container with its own root, ids and network gives nothing up', () => {
  expect(linesOf(IDMAP + PRIVNET, ROOT)).toEqual([]);
});

test('each missing wall is one line', () => {
  expect(linesOf(PRIVNET, ROOT)).toEqual(['no idmap']);
  expect(linesOf(IDMAP + PRIVNET, '')).toEqual(['host root']);
  expect(linesOf(IDMAP, ROOT)).toEqual(['no network of its own']);
  expect(linesOf(`${IDMAP}${PRIVNET}${extension("<ctr:seccomp profile='none'/>")}`, ROOT)).toEqual([
    'no seccomp filter',
  ]);
  expect(linesOf(`${IDMAP}${PRIVNET}${extension("<ctr:masks state='off'/>")}`, ROOT)).toEqual(['no masks']);
  expect(linesOf(`${IDMAP}${PRIVNET}${extension("<ctr:nesting state='on'/>")}`, ROOT)).toEqual(['nesting']);
});

test('an id map with root of the host gives up what it is for', () => {
  const idmap = (target: number) =>
    `<idmap><uid start='0' target='${target}' count='10'/><gid start='0' target='100000' count='10'/></idmap>`;
  expect(linesOf(idmap(0) + PRIVNET, ROOT)).toEqual(['idmap has id 0 of the host']);
  expect(linesOf(idmap(1) + PRIVNET, ROOT)).toEqual([]);
});

test("a root that is the host's '/' is the host root, too", () => {
  const root = "<filesystem><source dir='/'/><target dir='/'/></filesystem>";
  expect(linesOf(IDMAP + PRIVNET, root)).toEqual(['host root']);
});

test('an interface is a network of its own', () => {
  expect(linesOf(IDMAP, `${ROOT}<interface type='network'><source network='default'/></interface>`)).toEqual([]);
});
