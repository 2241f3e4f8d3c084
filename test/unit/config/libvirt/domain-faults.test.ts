import { expect, test } from 'vitest';
import { define, domainText, errorsOf, remarksOf } from '../domain-text.js';

test('all faults of a file come together, in its order', () => {
  const text = domainText({
    name: '<name>a/b</name><uuid>x</uuid>',
    memory: '<memroy>1</memroy>',
    os: '<type>hvm</type><init>sh</init>',
    devices: "<disk/><graphics type='vnc'/><interface type='bridge'/>",
  });
  expect(remarksOf(text)).toEqual([
    '1:1 error <domain> needs <memory>',
    "2:7 error <name> must be 1 to 64 characters from A-Z a-z 0-9 '_' '.' '-', the first a letter or digit, the last no dot, not 'a/b'",
    "2:23 error <uuid> must be a uuid of 32 hexadecimal digits, not 'x'",
    '3:1 error unknown element <memroy> in <domain>; did you mean <memory>?',
    "4:11 error <type> must be 'exe', not 'hvm'",
    "4:27 error <init> must be an absolute path, not 'sh'",
    '7:1 error <disk> needs <target>',
    '7:8 warning <graphics> has no effect in a container; it is kept',
    '7:30 error <interface> needs <source>',
  ]);
});

test('what is required and missing is said at the element that lacks it', () => {
  expect(remarksOf("<domain type='lxc'>\n<os>\n</os>\n</domain>")).toEqual([
    '1:1 error <domain> needs <name>',
    '1:1 error <domain> needs <memory>',
    '2:1 error <os> needs <type>',
    '2:1 error <os> needs <init>',
  ]);
});

test('a second element where one can be is an error that names the first', () => {
  expect(remarksOf(domainText({ name: '<name>web</name>\n<name>db</name>' }))).toEqual([
    '3:1 error a second <name> in <domain>: the first is in line 2',
  ]);
});

test.each([
  ["<domain type='kvm'/>", "1:15 error attribute 'type' of <domain> must be 'lxc', not 'kvm'"],
  ['<network/>', '1:1 error the root element must be <domain>, not <network>'],
  ["<domain xmlns='urn:x' type='lxc'/>", '1:1 error the root element must be <domain>, not <domain>'],
])('%s is refused at once', (text, fault) => {
  expect(remarksOf(text)).toEqual([fault]);
});

test('an element in the wrong place is told where it belongs', () => {
  expect(remarksOf(domainText({ body: '<init>/bin/sh</init>' }))).toEqual([
    '5:1 error unknown element <init> in <domain>; <init> belongs in <os>',
  ]);
});

test('unknown attributes are errors with the nearest name', () => {
  expect(remarksOf(domainText({ memory: "<memory units='MiB' bogus=''>1</memory>" }))).toEqual([
    "3:9 error unknown attribute 'units' of <memory>; did you mean 'unit'?",
    "3:21 error unknown attribute 'bogus' of <memory>",
  ]);
});

test('text where none belongs is an error', () => {
  expect(errorsOf(domainText({ body: '<features>privnet</features>' }))).toEqual([
    "<features> takes no text, but holds 'privnet'",
  ]);
});

test('values of element names cannot put control characters into messages', () => {
  expect(errorsOf(domainText({ body: '<title>a\u202e\nb</title>' }))).toEqual([
    String.raw`<title> must be one line of text, not 'a\u{202e}\x0ab'`,
  ]);
});

test('commands for another driver are a warning, elements of nobody an error', () => {
  const qemu =
    "<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:arg value='-x'/></q:commandline>";
  expect(remarksOf(domainText({ body: qemu }))).toEqual([
    '5:1 warning <commandline> has no effect in a container; it is kept',
  ]);
  expect(errorsOf(domainText({ body: "<x:y xmlns:x='urn:nobody'/>" }))).toEqual(['unknown element <y> in <domain>']);
});

test("what libvirt's dump of a running domain adds is dropped with a warning each", () => {
  const devices = `<interface type='network'>
<source network='default' portid='1-2' bridge='virbr0'/>
<target dev='vnet3'/>
<guest actual='eth0'/>
<alias name='net0'/>
</interface>`;
  const text = domainText({
    root: "type='lxc' id='77'",
    devices,
    console: "<console type='pty' tty='/dev/pts/2'><source path='/dev/pts/2'/></console>",
  });
  const { spec, warnings } = define(text);
  expect(spec.interfaces).toEqual([
    { type: 'network', source: 'default', ips: [], routes: [], hostIps: [], hostRoutes: [] },
  ]);
  expect(warnings.map(({ message }) => message)).toEqual([
    "attribute 'id' of <domain> is dropped: the number of a running domain",
    "attribute 'portid' of <source> is dropped: the port of a running domain",
    "attribute 'bridge' of <source> is dropped: the bridge of a running domain",
    "attribute 'dev' of <target> is 'vnet3': it is dropped: a name that libvirt makes up, and ctr makes up its own",
    "attribute 'actual' of <guest> has no effect in a container; it is kept",
    "<alias> is dropped: libvirt's name of the device in a running domain",
    "attribute 'tty' of <console> is dropped: the terminal of a running domain",
    '<source> is dropped: the terminal of a running domain',
  ]);
});

test('values of libvirt that change nothing in a container are warned about', () => {
  const body =
    "<clock offset='variable'/><on_poweroff>restart</on_poweroff><on_reboot>rename-restart</on_reboot><on_crash>coredump-destroy</on_crash>";
  expect(define(domainText({ body })).warnings.map(({ message }) => message)).toEqual([
    "attribute 'offset' of <clock> is 'variable': the clock is the host's all the same",
    "<on_reboot> is 'rename-restart': it restarts, under its own name",
    "<on_crash> is 'coredump-destroy': it ends, and no core is dumped",
  ]);
});

test('without a console the definition can be made, and the warning says that it cannot be started', () => {
  expect(remarksOf(domainText({ console: '' }))).toEqual([
    "6:1 warning no <console>: this can be defined, but not started; add <console type='pty'/>",
  ]);
});
