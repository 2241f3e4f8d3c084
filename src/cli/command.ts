/** What a file in `commands/` provides. */
import type { Command } from 'commander';

export interface CommandModule {
  /**
   * Adds arguments, options, what it does, and examples. The action sets `process.exitCode` where it is not 0; one that hands over
   * has none.
   */
  configure(command: Command): void;
  /** Brings arguments into an order that the parser understands. */
  arrange?(args: readonly string[]): string[];
  /** What the parser accepts is carried out by the front door. */
  readonly handsOver?: boolean;
  /** Exit status when ctr itself fails; 125 for a command that returns a payload's own status. Default: the error's. */
  readonly failureStatus?: number;
}
