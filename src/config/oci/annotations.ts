import { constants } from 'node:os';
import { signalName } from '../libvirt/values.js';
import type { ContainerSpec } from '../spec.js';
import type { OciConfig } from './config-shape.js';
import type { OciReading } from './oci-reading.js';

/** `annotations` of a config.json, both ways. */

/** What an image says that its program ends by: a name or a number of a signal. */
const STOP_SIGNAL = 'org.opencontainers.image.stopSignal';
/** Of images that say nothing. */
const USUAL_SIGNAL = 'TERM';
const RTMIN = 34;
const RTMAX = 64;

type Annotations = readonly { readonly name: string; readonly value: string }[];

/** One that only says the signal as a print would is no more than that. */
export function readAnnotations({ annotations = [] }: OciConfig, stopSignal: string): Annotations {
  if (stopSignal === USUAL_SIGNAL) return annotations;
  return annotations.filter(({ name, value }) => name !== STOP_SIGNAL || value !== formatSignal(stopSignal));
}

function formatSignal(stopSignal: string): string {
  return `SIG${stopSignal}`;
}

/** Name without SIG. */
export function readStopSignal({ annotations = [] }: OciConfig, { warning }: OciReading): string {
  const value = annotations.find(({ name }) => name === STOP_SIGNAL)?.value ?? '';
  if (value === '') return USUAL_SIGNAL;
  const read = signalName.read(/^\d{1,2}$/.test(value) ? nameOfNumber(Number(value)) : value);
  if (read.ok) return read.canonical;
  warning(['annotations', STOP_SIGNAL], `annotation '${STOP_SIGNAL}' names no signal: 'stop' sends ${USUAL_SIGNAL}`);
  return USUAL_SIGNAL;
}

function nameOfNumber(number: number): string {
  if (number >= RTMIN && number <= RTMAX) return `RTMIN+${number - RTMIN}`.replace(/\+0$/, '');
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? '';
}

export function writeAnnotations({ annotations = [], lifecycle }: ContainerSpec): Annotations | undefined {
  const { stopSignal = USUAL_SIGNAL } = lifecycle;
  const isSaid = stopSignal === USUAL_SIGNAL || annotations.some(({ name }) => name === STOP_SIGNAL);
  const all = isSaid ? annotations : [...annotations, { name: STOP_SIGNAL, value: formatSignal(stopSignal) }];
  return all.length === 0 ? undefined : all;
}
