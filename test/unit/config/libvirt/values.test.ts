import { describe, expect, test } from 'vitest';
import { formatLibvirtXml } from '../../../../src/config/index.js';
import { define, domainText, errorsOf } from '../domain-text.js';

const MiB = 1024 * 1024;

describe('sizes', () => {
  test.each([
    ['<memory>65536</memory>', 64 * MiB],
    ["<memory unit='KiB'>65536</memory>", 64 * MiB],
    ["<memory unit='k'>65536</memory>", 64 * MiB],
    ["<memory unit='KB'>65536</memory>", 65_536_000],
    ["<memory unit='b'>2097152</memory>", 2 * MiB],
    ["<memory unit='bytes'>2097153</memory>", 2 * MiB + 1024],
    ["<memory unit='m'>64</memory>", 64 * MiB],
    ["<memory unit='MIB'>64</memory>", 64 * MiB],
    ["<memory unit='MB'>64</memory>", 64_000_000],
    ["<memory unit='G'>2</memory>", 2048 * MiB],
    ["<memory unit='TiB'>1</memory>", 1024 ** 4],
    ['<memory> 65536\n</memory>', 64 * MiB],
  ])('%s is %i bytes', (memory, totalBytes) => {
    expect(define(domainText({ memory })).spec.memory.totalBytes).toBe(totalBytes);
  });

  test.each([
    ['<memory>1023</memory>', "<memory> must be at least 1024 KiB, not '1023'"],
    ['<memory>0</memory>', "<memory> must be at least 1024 KiB, not '0'"],
    ['<memory/>', "<memory> must be a whole number, not ''"],
    ['<memory>64M</memory>', "<memory> must be a whole number, not '64M'"],
    ['<memory>-1</memory>', "<memory> must be a whole number, not '-1'"],
    ['<memory>1e6</memory>', "<memory> must be a whole number, not '1e6'"],
    [
      "<memory unit='XiB'>1</memory>",
      "attribute 'unit' of <memory> must be a unit like b, KiB, MiB, GiB, KB, MB or GB, not 'XiB'",
    ],
    ["<memory unit='E'>99999999999999999999</memory>", "<memory> must be less than 8 PiB, not '99999999999999999999'"],
  ])('%s is refused', (memory, fault) => {
    expect(errorsOf(domainText({ memory }))).toEqual([fault]);
  });

  test("libvirt's unlimited memory is no limit, and is printed", () => {
    const memory = "<memory unit='KiB'>9007199254740991</memory>";
    const definition = define(domainText({ memory }));
    expect(definition.spec.memory).toEqual({});
    expect(formatLibvirtXml(definition)).toContain(`  ${memory}\n`);
  });

  test("libvirt's unlimited is no limit", () => {
    const body = '<memtune><hard_limit>9007199254740991</hard_limit></memtune>';
    expect(define(domainText({ body })).spec.memory).toEqual({ totalBytes: 64 * MiB });
  });

  test('memory and swap together cannot be less than memory alone', () => {
    const body = '<memtune><hard_limit>65536</hard_limit><swap_hard_limit>65535</swap_hard_limit></memtune>';
    expect(errorsOf(domainText({ body }))).toEqual([
      '<swap_hard_limit> counts memory and swap together: it must be at least <hard_limit>',
    ]);
  });

  test('a tmpfs of no bytes, which the kernel takes for one without limit, is refused', () => {
    const devices = "<filesystem type='ram'><source usage='0'/><target dir='/tmp'/></filesystem>";
    expect(errorsOf(domainText({ devices }))).toEqual(["attribute 'usage' of <source> must be at least 1 KiB"]);
  });
});

describe('numbers and words', () => {
  test.each([
    ['<vcpu>0</vcpu>', "<vcpu> must be a whole number from 1 to 16384, not '0'"],
    ['<cputune><shares>262145</shares></cputune>', "<shares> must be a whole number from 1 to 262144, not '262145'"],
    ["<vcpu current='3'>2</vcpu>", "attribute 'current' of <vcpu> must be at most 2, the count"],
    ["<clock offset='timezone'/>", "<clock> needs the attribute 'timezone'"],
    [
      "<clock offset='utc'><timer name='rtc'><catchup limit='3'/></timer></clock>",
      "<catchup> goes with tickpolicy='catchup' alone",
    ],
    ['<seclabel/>', "<seclabel> needs the attribute 'model'"],
    [
      '<blkiotune><device><path>/dev/sda</path><weight>10</weight></device><device><path>/dev/sda</path><weight>20</weight></device></blkiotune>',
      "<blkiotune> has '/dev/sda' twice",
    ],
    ['<cputune><period>999</period></cputune>', "<period> must be a whole number from 1000 to 1000000, not '999'"],
    ['<cputune><quota>999</quota></cputune>', '<quota> must be at least 1000 microseconds, or negative for no limit'],
    ['<blkiotune><weight>9</weight></blkiotune>', "<weight> must be a whole number from 10 to 1000, not '9'"],
    ['<resource><partition>machine</partition></resource>', "<partition> must be an absolute path, not 'machine'"],
    ['<resource><partition>/a/../b</partition></resource>', "<partition> must not contain '..'"],
    [
      '<on_reboot>reboot</on_reboot>',
      "<on_reboot> must be one of destroy, restart, preserve, rename-restart, not 'reboot'",
    ],
    [
      '<uuid>8369f1ac-7e46-e869-4ca5-759d5147806</uuid>',
      "<uuid> must be a uuid of 32 hexadecimal digits, not '8369f1ac-7e46-e869-4ca5-759d5147806'",
    ],
    [
      "<features><capabilities policy='none'/></features>",
      "attribute 'policy' of <capabilities> must be one of default, allow, deny, not 'none'",
    ],
    ['<features><capabilities><bpf/></capabilities></features>', 'unknown element <bpf> in <capabilities>'],
  ])('%s is refused', (body, fault) => {
    expect(errorsOf(domainText({ body }))).toEqual([fault]);
  });

  test.each([
    ['0', '0'],
    ['0-3', '0-3'],
    ['3,1,2', '1-3'],
    ['0-7,^3-4', undefined],
    ['0-7,^3', '0-2,4-7'],
    [' 1 , 2 ', '1-2'],
    ['', undefined],
    ['^1', undefined],
    ['4-2', undefined],
    ['16384', undefined],
    ['a', undefined],
  ])('the CPUs %j are %s', (list, cpuset) => {
    const text = domainText({ body: `<vcpu cpuset='${list}'>1</vcpu>` });
    if (cpuset === undefined) expect(errorsOf(text)).toHaveLength(1);
    else expect(define(text).spec.cpu.cpuset).toBe(cpuset);
  });
});

describe('init', () => {
  const os = (content: string) => domainText({ os: `<type>exe</type><init>/init</init>${content}` });

  test.each([
    ['<initarg/>', '<initarg> must not be empty'],
    ['<initenv>x</initenv>', "<initenv> needs the attribute 'name'"],
    ["<initenv name='A'/>", '<initenv> must not be empty'],
    [
      "<initenv name='1A'>x</initenv>",
      "attribute 'name' of <initenv> must be a name of letters, digits and _, not '1A'",
    ],
    [
      "<initenv name='A=B'>x</initenv>",
      "attribute 'name' of <initenv> must be a name of letters, digits and _, not 'A=B'",
    ],
    ['<initdir>srv</initdir>', "<initdir> must be an absolute path, not 'srv'"],
  ])('%s is refused', (content, fault) => {
    expect(errorsOf(os(content))).toEqual([fault]);
  });

  test.each(['', '0x0', '1000:', ':5', '1 ', '01', '-1', '4294967295', '4294967296', '1e3', 'a b', 'root\n', '++1'])(
    'the user %j is refused, never taken for 0',
    (user) => {
      expect(errorsOf(os(`<inituser>${user}</inituser>`))).toHaveLength(1);
    },
  );

  test.each([
    ['0', '0'],
    ['+5', '5'],
    ['4294967294', '4294967294'],
    ['www-data', 'www-data'],
    ['machine$', 'machine$'],
  ])('the user %j is %s', (user, expected) => {
    expect(define(os(`<inituser>${user}</inituser>`)).spec.init.user).toBe(expected);
  });

  test('a value with line breaks and markup stays one value', () => {
    const { spec } = define(os("<initenv name='A'>x&#10;lxc.hook = &lt;y&gt;</initenv>"));
    expect(spec.init.env).toEqual([{ name: 'A', value: 'x\nlxc.hook = <y>' }]);
  });
});

describe('signals', () => {
  const signal = (stop: string) =>
    domainText({
      body: `<metadata><c:container xmlns:c='urn:ctr:container:1.0'><c:signal stop='${stop}'/></c:container></metadata>`,
    });

  test.each([
    ['USR2', 'USR2'],
    ['sigterm', 'TERM'],
    ['RTMIN', 'RTMIN'],
    ['SIGRTMIN+30', 'RTMIN+30'],
    ['RTMAX-2', 'RTMAX-2'],
  ])('%s is %s', (text, name) => {
    expect(define(signal(text)).spec.lifecycle.stopSignal).toBe(name);
  });

  test.each(['', '15', 'STOP', 'CONT', 'RTMIN+31', 'RTMIN-1', 'RTMAX+1', 'NOPE'])('%j is refused', (text) => {
    expect(errorsOf(signal(text))).toHaveLength(1);
  });
});

describe('the extension', () => {
  const metadata = (content: string) =>
    domainText({
      body: `<metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'>${content}</ctr:container></metadata>`,
    });

  test.each([
    ["<ctr:pids max='0'/>", "attribute 'max' of <pids> must be a whole number from 1 to 4194304, not '0'"],
    ['<ctr:pids/>', "<pids> needs the attribute 'max'"],
    ["<ctr:seccomp profile='off'/>", "attribute 'profile' of <seccomp> must be one of os, app, none, own, not 'off'"],
    ["<ctr:masks state='no'/>", "attribute 'state' of <masks> must be one of on, off, not 'no'"],
    ['<ctr:mask/>', 'unknown element <mask> in <container>'],
    ["<pids max='1'/>", 'unknown element <pids> in <container>'],
    ["<ctr:pids max='1'/><ctr:pids max='2'/>", 'a second <pids> in <container>: the first is in line 5'],
  ])('%s is refused', (content, fault) => {
    expect(errorsOf(metadata(content))).toEqual([fault]);
  });

  test("an element of ctr's namespace that is no container is an error", () => {
    const body = "<metadata><ctr:contaner xmlns:ctr='urn:ctr:container:1.0'/></metadata>";
    expect(errorsOf(domainText({ body }))).toEqual(['unknown element <contaner> in <metadata>']);
  });
});
