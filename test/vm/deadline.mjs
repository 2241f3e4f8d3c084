// Before each test in the test VM: is there time for it? CTR_TEST_UPTIME is until when one may begin, in seconds since the boot.
import { uptime } from 'node:os';
import { beforeEach } from 'vitest';

const limit = Number(process.env.CTR_TEST_UPTIME ?? Number.POSITIVE_INFINITY);

beforeEach(({ skip }) => {
  if (uptime() > limit) skip('the test VM has no more time');
});
