/** What a network adds to a start, beside LXC, and when a container reaches the world; on a host of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeDefinition } from '../peers/ctr.js';
import { formatLxcConfig } from '../peers/lxc.js';
import { run, succeeds } from '../place.js';
import { makePrivateNetwork, type PrivateNetwork, WORLD } from '../private-network.js';
import type { Metric } from '../report/metric.js';
import { findProgram } from '../roots.js';
import { type Run, Tally, waitIdle } from './mode.js';

const port = (filter: string) => `<interface type='network'><source network='default'/>${filter}</interface>`;
const PORT = port('');
const FILTERED = port("<filterref filter='clean-traffic'/>");

const ADDS = ['empty private network', "in the network 'default'", 'with a filter of what it sends'] as const;
const SUMS = ['the network adds', 'the filter adds'] as const;

/** A third more than a removal takes on an idle machine. */
const LINKS_GO_MS = 50;

/** How many start together. */
const TOGETHER = 200;
const REACH = ['/payload', 'reach', WORLD.address, String(WORLD.port)];
/** Until all have reached the world; SYNs that were lost come again after 1, 3 and 7 s. */
const PATIENCE_MS = 30_000;

/** The network is there already, as it is for all containers but the first. None where the host cannot make one. */
export async function measureNetwork(given: Run): Promise<Metric[]> {
  const { place } = given.bench;
  const network = makePrivateNetwork(place, 'network');
  if (network === undefined) return [];
  const ctr = (...args: string[]) => network.inside([place.ctr, ...args]);
  if (!succeeds(place, ctr('net', 'start', 'default'))) {
    await network.stopwatch.close();
    return [];
  }
  try {
    return [
      await measureHelper(given, network),
      await measureCommands(given, network),
      await measureReach(given, network),
      await measureTogether(given, network),
    ];
  } finally {
    succeeds(place, ctr('destroy', '--all'));
    succeeds(place, ctr('net', 'stop', 'default'));
    await network.stopwatch.close();
  }
}

/** The helper alone, from the compiled plan. */
async function measureHelper({ bench, options }: Run, network: PrivateNetwork): Promise<Metric> {
  const { place, plain, user } = bench;
  const { stopwatch } = network;
  const define = (name: string, devices: string) => {
    const definition = { name, root: plain, owner: user.owner, init: ['/payload'], devices };
    run(place, network.inside([place.ctr, 'define', writeDefinition(place, definition)]));
    const folder = join(place.runDir, 'containers', name);
    const plan = join(place.scratch, `plan-${name}`);
    cpSync(join(folder, 'compiled'), plan);
    return async () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      cpSync(plan, join(folder, 'plan'));
      const { ms } = await stopwatch.start([place.helper, 'start', folder], plain.mark);
      await stopwatch.settle();
      // The kernel takes links away after their namespace, and nobody makes one meanwhile.
      await setTimeout(LINKS_GO_MS);
      return ms * 1000;
    };
  };
  const names = ['alone', 'linked', 'filtered'].map((word) => `${place.tag}-${word}`);
  const starts = ['', PORT, FILTERED].map((devices, index) => define(names[index] ?? '', devices));
  const tally = new Tally();
  // The first round warms up.
  for (let round = 0; round <= options.rounds * 4; round += 1) {
    const values: number[] = [];
    for (const start of starts) values.push(await start());
    if (round === 0) continue;
    const [alone = 0, linked = 0, filtered = 0] = values;
    for (const [index, who] of ADDS.entries()) tally.add('', who, values[index] ?? 0);
    tally.add('', SUMS[0], Math.round(linked - alone));
    tally.add('', SUMS[1], Math.round(filtered - linked));
  }
  run(place, network.inside([place.ctr, 'undefine', ...names]));
  return {
    id: 'network',
    title: 'helper from its exec to the exec of process 1, without and with a network',
    detail: 'address, routes and IPv6 are there; compiled ahead; warm',
    unit: 'µs',
    statistic: 'median',
    series: tally.series('', [...ADDS, ...SUMS]),
  };
}

/** Whole commands: ctr's default as bootstrap makes it, and a veth in the same bridge with addresses that the configuration gives. */
async function measureCommands(given: Run, network: PrivateNetwork): Promise<Metric> {
  const { place, plain, user } = given.bench;
  const { stopwatch, inside } = network;
  const name = `${place.tag}-port`;
  const init = ['/payload', 'hold'];
  const definition = { name, root: user, owner: user.owner, init, devices: FILTERED };
  run(place, inside([place.ctr, 'define', writeDefinition(place, definition)]));
  const hasLxc = findProgram('lxc-start') !== undefined;
  const config = join(place.scratch, 'lxc-port.conf');
  const lxc = (program: string, ...args: string[]) => [program, '-P', join(place.scratch, 'lxc'), '-n', name, ...args];
  mkdirSync(join(place.scratch, 'lxc'), { recursive: true });
  writeFileSync(config, formatLxcConfig(plain, listLxcPort(given, network)));
  const tally = new Tally();
  for (let round = 0; round <= given.options.rounds; round += 1) {
    const counted = round > 0 ? tally : new Tally();
    await waitIdle(given);
    counted.add('', 'ctr', await stopwatch.run([place.ctr, 'start', name]));
    run(place, inside([place.ctr, 'destroy', name]));
    if (!hasLxc) continue;
    await waitIdle(given);
    const start = lxc('lxc-start', '-d', '-f', config, '-s', `lxc.init.cmd=${init.join(' ')}`);
    counted.add('', 'lxc', await stopwatch.run(start));
    run(place, inside(lxc('lxc-stop', '-k')));
  }
  run(place, inside([place.ctr, 'undefine', name]));
  return {
    id: 'network-start',
    title: 'start of a system container with a veth pair in a bridge until it returns',
    detail: given.options.idleMs > 0 ? `${given.options.idleMs} ms idle before each` : 'no idle time before',
    unit: 'ms',
    statistic: 'median',
    base: 'lxc',
    series: tally.series('', ['ctr', 'lxc'], hasLxc ? [] : ['lxc']),
  };
}

/** The same link and addresses as ctr gives. */
function listLxcPort({ bench: { place } }: Run, network: PrivateNetwork): string[] {
  const text = run(place, network.inside([place.ctr, 'net', 'dumpxml', 'default']));
  const bridge = /<bridge name='([^']+)'/.exec(text)?.[1] ?? '';
  const [ipv4 = '', ipv6 = ''] = [...text.matchAll(/<ip [^>]*address='([^']+)'/g)].map(([, address]) => address);
  return [
    'lxc.net.0.type = veth',
    `lxc.net.0.link = ${bridge}`,
    'lxc.net.0.flags = up',
    `lxc.net.0.ipv4.address = ${ipv4.replace(/\d+$/, '250')}/24`,
    `lxc.net.0.ipv4.gateway = ${ipv4}`,
    `lxc.net.0.ipv6.address = ${ipv6.replace(/::.*$/, '::250')}/64`,
    `lxc.net.0.ipv6.gateway = ${ipv6}`,
  ];
}

/** From the first instruction of process 1 until the world has its connection: the first packet, its answer and the next. */
async function measureReach({ bench, options }: Run, network: PrivateNetwork): Promise<Metric> {
  const { place, user } = bench;
  const name = `${place.tag}-reach`;
  const definition = { name, root: user, owner: user.owner, init: REACH, devices: FILTERED };
  run(place, network.inside([place.ctr, 'define', writeDefinition(place, definition)]));
  const tally = new Tally();
  for (let round = 0; round <= options.rounds; round += 1) {
    const reached = await listen(place.tools, place.scratch, network, 1);
    run(place, network.inside([place.ctr, 'start', name]));
    const at = await reached();
    const begun = Number(readFileSync(user.mark, 'utf8'));
    if (round > 0) tally.add('', 'ctr', (at - begun) / 1e6);
    run(place, network.inside([place.ctr, 'destroy', name]));
  }
  run(place, network.inside([place.ctr, 'undefine', name]));
  return {
    id: 'network-reach',
    title: 'from the start of process 1 until its first connection has come to the world',
    detail: 'by the bridge, NAT and a further link',
    unit: 'ms',
    statistic: 'median',
    series: tally.series('', ['ctr']),
  };
}

/** One command starts them all; negative: all were through before it returned. */
async function measureTogether({ bench, options }: Run, network: PrivateNetwork): Promise<Metric> {
  const { place, user } = bench;
  const names = Array.from({ length: TOGETHER }, (_, index) => `${place.tag}-t${index}`);
  const files = names.map((name) =>
    writeDefinition(place, { name, root: user, owner: user.owner, init: REACH, devices: FILTERED }),
  );
  run(place, network.inside([place.ctr, 'define', ...files]));
  const tally = new Tally();
  for (let round = 0; round < Math.min(options.rounds, 3); round += 1) {
    const reached = await listen(place.tools, place.scratch, network, TOGETHER);
    await network.stopwatch.run([place.ctr, 'start', ...names]);
    const returned = Number(process.hrtime.bigint());
    tally.add('', 'ctr', ((await reached()) - returned) / 1e6);
    run(place, network.inside([place.ctr, 'destroy', ...names]));
  }
  run(place, network.inside([place.ctr, 'undefine', ...names]));
  return {
    id: 'network-together',
    title: `from the return of the start of ${TOGETHER} containers until all have reached the world`,
    detail: 'negative: before it',
    unit: 'ms',
    statistic: 'median',
    series: tally.series('', ['ctr']),
  };
}

/** Waits for so many connections in the world; what it gives tells when the last one came, CLOCK_MONOTONIC in ns. */
async function listen(tools: string, scratch: string, network: PrivateNetwork, count: number) {
  const file = join(scratch, 'reached');
  rmSync(file, { force: true });
  const argv = network.inWorld([join(tools, 'listener'), String(WORLD.port), String(count), file]);
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  return async () => {
    await Promise.race([ended, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
    child.kill('SIGKILL');
    if (!existsSync(file)) throw new Error(`not all of ${count} containers have reached the world`);
    return Number(readFileSync(file, 'utf8'));
  };
}
