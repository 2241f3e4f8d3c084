/** What definitions cost: one, from its text to the bytes of its plan, and a list of very many. Needs no root. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { loadFormat, parseDefinition } from '../../src/config/index.js';
import { compile } from '../../src/container/compile.js';
import { openPaths } from '../../src/container/context.js';
import { encodePlan } from '../../src/exec/encode.js';
import { formatContainerRecord } from '../../src/state/container-record.js';
import { readHostFacts } from '../../src/system/read-host-facts.js';
import type { Place } from '../place.js';
import type { Metric } from '../report/metric.js';
import type { Stopwatch } from '../stopwatch.js';
import { Tally } from './mode.js';

const DEFINITIONS = 10_000;
/** A process that has compiled a few is warm; what is measured is that of a library's user with many. */
const WARM_UP = 400;
const UUID = '6f1a3c9e-5b0d-4c8e-9a51-1d2e3f405162';

const TEXT = `<domain type='lxc'>
  <name>vm1</name>
  <uuid>${UUID}</uuid>
  <memory unit='KiB'>102400</memory>
  <vcpu>1</vcpu>
  <os><type>exe</type><init>/sbin/init</init></os>
  <features><privnet/></features>
  <devices>
    <filesystem type='mount'><source dir='/srv/vm1'/><target dir='/'/></filesystem>
    <interface type='bridge'><source bridge='br0'/></interface>
    <console type='pty'/>
  </devices>
</domain>
`;

export async function measureConfiguration(place: Place, stopwatch: Stopwatch, rounds: number): Promise<Metric[]> {
  const tally = new Tally();
  tally.add('compile', 'ctr', ...(await timeCompile(place, rounds)));
  const stateDir = join(place.scratch, 'defined');
  makeDefinitions(stateDir);
  const argv = ['env', `CTR_STATE_DIR=${stateDir}`, place.ctr, 'list', '--all'];
  for (let round = 0; round < rounds; round += 1) tally.add('defined', 'ctr list --all', await stopwatch.run(argv));
  rmSync(stateDir, { recursive: true });
  return [
    {
      id: 'compile',
      title: "libvirt's XML: read, validated, compiled",
      detail: 'in a warm process',
      unit: 'ms',
      statistic: 'median',
      series: tally.series('compile', ['ctr']),
    },
    {
      id: 'defined',
      title: `a list of ${DEFINITIONS} definitions`,
      detail: '',
      unit: 'ms',
      statistic: 'median',
      series: tally.series('defined', ['ctr list --all']),
    },
  ];
}

/** ms of each. */
async function timeCompile({ stateDir, runDir }: Place, rounds: number): Promise<number[]> {
  await loadFormat('libvirt');
  const host = readHostFacts(openPaths({ stateDir, runDir }), 'vm1');
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    const began = performance.now();
    const result = parseDefinition(TEXT, { file: 'vm1.xml' });
    if (!result.ok) throw new Error('the definition of the bench has faults');
    encodePlan(compile(result.definition.spec, host, { uuid: UUID }));
    times.push(performance.now() - began);
  }
  return times.slice(WARM_UP);
}

/** As `define` leaves them. */
function makeDefinitions(stateDir: string): void {
  for (let number = 0; number < DEFINITIONS; number += 1) {
    const dir = join(stateDir, 'containers', `c${number}`);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const uuid = `${number.toString(16).padStart(8, '0')}${UUID.slice(8)}`;
    const record = { format: 'libvirt', uuid, definedAt: new Date(0).toISOString(), rootfsMadeByCtr: false } as const;
    writeFileSync(join(dir, 'container.json'), formatContainerRecord({ ...record, idRanges: [] }));
    writeFileSync(join(dir, 'definition'), TEXT);
  }
}
