// Writes the files that are made from the TypeScript sources. With --check: writes nothing, exits 1 when one is stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Each file, and the exported function that returns its whole text. */
const GENERATED = [
  { path: 'native/plan_ops.h', module: 'src/exec/plan-header.ts', producer: 'formatPlanHeader' },
  { path: 'docs/reference/libvirt-xml.md', module: 'src/config/index.ts', producer: 'describeLibvirtXml' },
];

/** Bundles the module in memory, so that neither a build nor a TypeScript loader is needed, and imports it. */
async function importTypeScript(module) {
  const { outputFiles } = await build({
    entryPoints: [resolve(ROOT, module)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const check = process.argv.includes('--check');
const stale = [];
for (const { path, module, producer } of GENERATED) {
  if (!existsSync(resolve(ROOT, module))) continue;
  const { [producer]: produce } = await importTypeScript(module);
  if (produce === undefined) continue;
  const text = produce();
  const target = resolve(ROOT, path);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  stale.push(path);
  if (check) continue;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  console.error(`wrote ${path}`);
}
if (check && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}\nhint: npm run generate`);
  process.exitCode = 1;
}
