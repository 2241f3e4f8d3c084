/** Questions on a terminal. */
import { createInterface } from 'node:readline';

/** Asks until the answer is yes or no; no answer at all is no. */
export async function askYesNo(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const text = await new Promise<string | undefined>((resolve) => {
        terminal.once('close', () => resolve(undefined));
        terminal.question(`${question} [y/n] `, resolve);
      });
      if (text === undefined || /^n(?:o)?$/i.test(text.trim())) return false;
      if (/^y(?:es)?$/i.test(text.trim())) return true;
    }
  } finally {
    terminal.close();
  }
}
