import { describe, expect, test } from 'vitest';
import { parseRunPort } from '../../../src/container/run-ports.js';

describe('parseRunPort', () => {
  test.each([
    ['8080:80', { protocol: 'tcp', host: 8080, container: 80 }],
    ['53/udp', { protocol: 'udp', host: 53, container: 53 }],
    ['127.0.0.1:8080:80/tcp', { protocol: 'tcp', address: '127.0.0.1', host: 8080, container: 80 }],
    ['[fd00::1]:8080:80', { protocol: 'tcp', address: 'fd00::1', host: 8080, container: 80 }],
  ])('reads %s', (text, port) => {
    expect(parseRunPort(text)).toEqual(port);
  });

  test.each(['', '0:80', '80:65536', 'web:80', '80/sctp', '127.0.0.1:80:80:80'])('refuses %j', (text) => {
    expect(() => parseRunPort(text)).toThrow(/a port is written as in '8080:80'/);
  });
});
