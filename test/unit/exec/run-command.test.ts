import { expect, test } from 'vitest';
import { CtrError } from '../../../src/errors.js';
import { parseRunReport } from '../../../src/exec/run-command.js';

test('a report is read as it was written', () => {
  const text =
    '{"ok":true,"exitCode":137,"signal":9,"oom":true,"timedOut":true,"killed":true,"cpuUs":5,"peakMemoryBytes":7}\n';
  const report = {
    exitCode: 137,
    signal: 9,
    oom: true,
    timedOut: true,
    aborted: true,
    cpuUs: 5,
    peakMemoryBytes: 7,
  };
  expect(parseRunReport(text)).toEqual(report);
  expect(parseRunReport('{"ok":true,"exitCode":0,"cpuUs":5}')).toMatchObject({
    exitCode: 0,
    oom: false,
    timedOut: false,
    aborted: false,
  });
});

test('a failure is an error with its code', () => {
  const error = parseRunReport('{"ok":false,"code":"CTR_USAGE","message":"cannot run: x"}');
  expect(error).toBeInstanceOf(CtrError);
  expect(error).toMatchObject({ code: 'CTR_USAGE', message: 'cannot run: x' });
});

test('anything else is none', () => {
  for (const text of ['', '{', '[]', 'null', '{"ok":true}', '{"ok":true,"exitCode":"0"}'])
    expect(parseRunReport(text)).toBeUndefined();
});
