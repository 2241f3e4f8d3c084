import type { DomainElement } from './domain-element.js';
import { attribute, element, kept, type Variant } from './rows.js';
import { integer, matching, oneOf, yesNo } from './values.js';

const TIMERS = 'platform pit rtc hpet tsc kvmclock hypervclock armvtimer'.split(' ');

const timer = element('timer', "with offset 'localtime': a node of the host's timer; without effect else", {
  many: true,
  attributes: [
    attribute('name', '`rtc`: /dev/rtc, `hpet`: /dev/hpet; a start refuses others', oneOf(TIMERS), { required: true }),
    attribute('present', '`no`: not for this container', yesNo),
    attribute('tickpolicy', 'kept', oneOf(['delay', 'catchup', 'merge', 'discard'])),
    attribute('track', 'kept', oneOf(['boot', 'guest', 'wall', 'realtime'])),
    attribute('frequency', 'kept', integer(0, 4294967295)),
    attribute('mode', 'kept', oneOf(['auto', 'native', 'emulate', 'paravirt', 'smpsafe'])),
  ],
  children: kept('catchup'),
  finish: (read, { element: source, report }) => {
    if (read.children.length > 0 && read.attributes.get('tickpolicy') !== 'catchup')
      report.error(source.offset, "<catchup> goes with tickpolicy='catchup' alone");
    return read;
  },
});

const HOST_CLOCK = "the clock is the host's all the same";

const number = matching('a whole number', /^[+-]?\d{1,15}$/);
const basis = attribute('basis', 'kept', oneOf(['utc', 'localtime']), { byDefault: 'utc' });

function variant(about: string, ...attributes: Variant['attributes']): Variant {
  return { about, attributes, children: [timer] };
}

const reset = attribute('adjustment', 'kept', matching("a whole number, or 'reset'", /^(reset|[+-]?\d{1,15})$/));

/** libvirt's parser turns a difference to UTC or local time into an offset of its own. */
function finishClock(read: DomainElement): DomainElement {
  const { attributes } = read;
  const offset = attributes.get('offset') ?? '';
  const adjustment = attributes.get('adjustment') ?? 'reset';
  if (!['utc', 'localtime'].includes(offset) || adjustment === 'reset') return read;
  const variable = new Map([
    ['offset', 'variable'],
    ['adjustment', String(Number(adjustment))],
    ['basis', offset],
  ]);
  return { ...read, attributes: variable };
}

/** `<clock>`: a container has the clock of its host; what is said here decides about nodes of timers only. */
export const clockRow = element('clock', "the container has the host's clock", {
  byDefault: '',
  attributes: [
    attribute(
      'offset',
      '`localtime` makes the nodes of timers; others but utc are kept without effect',
      oneOf(['utc'], { localtime: HOST_CLOCK, timezone: HOST_CLOCK, variable: HOST_CLOCK, absolute: HOST_CLOCK }),
      { byDefault: 'utc' },
    ),
  ],
  variants: {
    attribute: 'offset',
    byDefault: 'utc',
    shapes: {
      utc: variant('without effect', reset),
      localtime: variant('the nodes of timers are made', reset),
      timezone: variant(
        'without effect',
        attribute('timezone', 'kept', matching('the name of a time zone', /^[a-zA-Z0-9_.+\-/]+$/), {
          required: true,
        }),
      ),
      variable: variant('without effect', attribute('adjustment', 'kept', number, { byDefault: '0' }), basis),
      absolute: variant('without effect', attribute('start', 'kept', number, { required: true })),
    },
  },
  finish: finishClock,
});
