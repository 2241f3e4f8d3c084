/** Configurations for tests: the least libvirt XML that starts, with the parts a test wants to differ. */

export interface DomainParts {
  readonly name: string;
  /** Host directory of the root; none: the host's own root. */
  readonly rootfs?: string;
  readonly init?: string;
  readonly initArgs?: readonly string[];
  readonly memoryKiB?: number;
  /** Whole elements, put where libvirt's schema has them. */
  readonly idmap?: string;
  readonly features?: string;
  readonly devices?: string;
  readonly metadata?: string;
  readonly onReboot?: string;
  readonly consoles?: number;
}

/** A user namespace of 65536 ids from 500000. */
export const IDMAP =
  "<idmap><uid start='0' target='500000' count='65536'/><gid start='0' target='500000' count='65536'/></idmap>";

/** The text of a definition. */
export function domainXml(parts: DomainParts): string {
  const args = (parts.initArgs ?? []).map((arg) => `<initarg>${escapeText(arg)}</initarg>`).join('');
  const root =
    parts.rootfs === undefined
      ? ''
      : `<filesystem type='mount'><source dir='${parts.rootfs}'/><target dir='/'/></filesystem>`;
  const metadata =
    parts.metadata === undefined
      ? ''
      : `<metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'>${parts.metadata}</ctr:container></metadata>`;
  return `<domain type='lxc'>
  <name>${parts.name}</name>
  ${metadata}
  <memory unit='KiB'>${parts.memoryKiB ?? 65536}</memory>
  <os><type>exe</type><init>${parts.init ?? '/init'}</init>${args}</os>
  ${parts.idmap ?? ''}
  ${parts.features ?? '<features><privnet/></features>'}
  <on_reboot>${parts.onReboot ?? 'destroy'}</on_reboot>
  <devices>
    ${root}
    ${parts.devices ?? ''}
    ${"<console type='pty'/>".repeat(parts.consoles ?? 1)}
  </devices>
</domain>
`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
