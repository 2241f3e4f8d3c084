import { type Definition, type Diagnostic, parseDefinition } from '../../../src/config/index.js';

/** Pieces of a domain, put where they belong. */
export interface DomainPieces {
  readonly root?: string;
  readonly name?: string;
  readonly memory?: string;
  readonly os?: string;
  readonly body?: string;
  readonly devices?: string;
  readonly console?: string;
}

/** A small, right domain with some of its parts replaced. */
export function domainText(pieces: DomainPieces = {}): string {
  const { root = "type='lxc'", name = '<name>web</name>', memory = '<memory>65536</memory>' } = pieces;
  const {
    os = '<type>exe</type><init>/sbin/init</init>',
    body = '',
    devices = '',
    console = "<console type='pty'/>",
  } = pieces;
  return `<domain ${root}>\n${name}\n${memory}\n<os>${os}</os>\n${body}\n<devices>\n${devices}\n${console}\n</devices>\n</domain>\n`;
}

/** The definition of a text that must have no fault. */
export function define(text: string): Definition & { readonly warnings: readonly Diagnostic[] } {
  const result = parseDefinition(text, { file: 'web.xml' });
  if (!result.ok) throw new Error(messagesOf(result.diagnostics).join('\n'));
  return { ...result.definition, warnings: result.warnings };
}

/** What is said about a text: `line:column severity message`, hints behind `; `. */
export function remarksOf(text: string): string[] {
  const result = parseDefinition(text, { file: 'web.xml' });
  return messagesOf(result.ok ? result.warnings : result.diagnostics);
}

/** The errors of a text, without their places. */
export function errorsOf(text: string): string[] {
  const result = parseDefinition(text, { file: 'web.xml' });
  return result.ok
    ? []
    : result.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

function messagesOf(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(
    ({ line, column, severity, message, hint }) =>
      `${line}:${column} ${severity} ${message}${hint === undefined ? '' : `; ${hint}`}`,
  );
}
