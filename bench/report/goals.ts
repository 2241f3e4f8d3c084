/** What the project wants to reach. */
export interface Goal {
  readonly metric: string;
  /** Whose value. */
  readonly of: string;
  /** Greatest value, or greatest ratio to `than`. */
  readonly limit: number;
  readonly than?: string;
  /** Is judged when at least so many containers ran. */
  readonly containers?: number;
  /** Is judged when at most so many ran. */
  readonly atMost?: number;
}

/** @param libc the one the monitor is linked with: it is most of its memory */
export function listGoals(libc: 'musl' | 'glibc'): Goal[] {
  return [
    { metric: 'command-line', of: 'ctr --version', limit: 1.3, than: 'node -e 0' },
    { metric: 'command-line', of: 'ctr list', limit: 1.35, than: 'node -e 0' },
    { metric: 'compile', of: 'ctr', limit: 2 },
    { metric: 'defined', of: 'ctr list --all', limit: 1000 },
    { metric: 'helper', of: 'helper', limit: 2, than: 'bare calls' },
    { metric: 'filter', of: 'the filter adds', limit: 150 },
    { metric: 'limits', of: 'the limits add', limit: 400 },
    { metric: 'tree', of: '100 000 files', limit: 1.1, than: 'few files' },
    { metric: 'start', of: 'ctr', limit: 1.5, than: 'floor' },
    { metric: 'start', of: 'ctr', limit: 0.25, than: 'lxc' },
    { metric: 'start', of: 'ctr', limit: 0.25, than: 'crun' },
    { metric: 'attach', of: 'ctr', limit: 1.5, than: 'nsenter' },
    { metric: 'attach', of: 'ctr', limit: 0.5, than: 'lxc' },
    { metric: 'destroy', of: 'ctr', limit: 0.7, than: 'lxc' },
    { metric: 'network', of: 'the network adds', limit: 2500 },
    { metric: 'network-start', of: 'ctr', limit: 0.3, than: 'lxc' },
    { metric: 'network-reach', of: 'ctr', limit: 10 },
    { metric: 'network-together', of: 'ctr', limit: 3000 },
    { metric: 'enter-throughput', of: 'ctr enter', limit: 1.25, than: 'pipe and cat' },
    { metric: 'console-throughput', of: 'ctr console', limit: 1.25, than: 'pty and cat' },
    { metric: 'density-start', of: 'ctr', limit: 1.6, than: 'floor', containers: 1000 },
    { metric: 'density-start', of: 'ctr start --all', limit: 1.3, than: 'floor', containers: 1000 },
    { metric: 'more', of: 'many run', limit: 1.5, than: '10 run', containers: 1000 },
    { metric: 'list', of: 'many run', limit: 2, than: '10 run', containers: 1000 },
    { metric: 'list', of: 'stats, many run', limit: 1.5, than: 'many run', containers: 100, atMost: 100 },
    { metric: 'monitor', of: 'ctr', limit: libc === 'musl' ? 25 : 80 },
    { metric: 'available', of: 'ctr', limit: 0.6, than: 'lxc', containers: 1000 },
    { metric: 'idle', of: 'ctr', limit: 1, containers: 1000 },
  ];
}
