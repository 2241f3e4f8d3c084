import { domainRow } from './domain-rows.js';
import type { ElementRow, Standing } from './rows.js';

const FATES: readonly { readonly standing: Standing; readonly title: string; readonly about: string }[] = [
  {
    standing: 'ignored',
    title: 'What is kept without effect',
    about:
      'libvirt accepts these and its LXC driver does nothing with them. They are printed back, and each gives a warning.',
  },
  {
    standing: 'live',
    title: 'What is dropped',
    about: 'libvirt prints these about a running domain and drops them on define. So does `ctr`, with a warning.',
  },
  {
    standing: 'refused',
    title: 'What a start refuses',
    about:
      "These can be defined, as with libvirt, and are printed back, with a warning. libvirt's LXC driver refuses most of them at start, too; `ctr` refuses them all, and says why.",
  },
];

/** The part of the reference page about everything that ctr does not act on. */
export function describeFates(): string[] {
  return FATES.map(({ standing, title, about }) => `## ${title}\n\n${about}\n\n${listFate(domainRow, standing)}\n`);
}

/** What below a row has this standing, a line for each place. */
export function listFate(top: ElementRow, standing: Standing): string {
  // path, then reason, then names: what several variants share is said once
  const places = new Map<string, Map<string, Set<string>>>();
  const add = (path: string, about: string, name: string) => {
    const reasons = places.get(path) ?? new Map<string, Set<string>>();
    places.set(path, reasons.set(about, (reasons.get(about) ?? new Set()).add(`\`${name}\``)));
  };
  const visit = (row: ElementRow, path: string) => {
    for (const shape of [row, ...Object.values(row.variants?.shapes ?? {})]) {
      for (const attribute of shape.attributes)
        if (attribute.standing === standing) add(path, attribute.about, `@${attribute.name}`);
      for (const child of shape.children) {
        const name = child.prefix === undefined ? child.name : `${child.prefix}:${child.name}`;
        if (child.standing === standing) add(path, child.about, name);
        if (child.standing === 'used') visit(child, `${path}/${name}`);
      }
    }
    if (standing === 'refused') {
      for (const [value, { refusal }] of Object.entries(row.variants?.shapes ?? {}))
        if (refusal !== undefined) add(path, refusal, `@${row.variants?.attribute}='${value}'`);
    }
  };
  visit(top, top.name);

  const lines = [...places].map(([path, reasons]) => {
    const entries = [...reasons].map(
      ([about, names]) => [...names].join(', ') + (standing === 'ignored' ? '' : ` (${about})`),
    );
    return `- \`${path}\`: ${entries.join('; ')}`;
  });
  return lines.join('\n');
}
