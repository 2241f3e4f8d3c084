// Writes the files that are made from the TypeScript sources. With --check: writes nothing, exits 1 when one is stale.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Each file, and the exported function that returns its whole text. */
const GENERATED = [
  { path: 'native/plan_ops.h', module: 'src/exec/plan-header.ts', producer: 'formatPlanHeader' },
  { path: 'native/hot_verbs.h', module: 'src/cli/hot-verbs-header.ts', producer: 'formatHotVerbsHeader' },
  { path: 'native/vsh_options.h', module: 'src/cli/vsh-options-header.ts', producer: 'formatVshOptionsHeader' },
  { path: 'docs/reference/commands.md', module: 'src/cli/describe-commands.ts', producer: 'describeCommands' },
  { path: 'docs/reference/vsh.md', module: 'src/cli/describe-vsh.ts', producer: 'describeVsh' },
  { path: 'docs/reference/libvirt-xml.md', module: 'src/config/index.ts', producer: 'describeLibvirtXml' },
  {
    path: 'docs/reference/network-xml.md',
    module: 'src/config/libvirt-network/describe-network-xml.ts',
    producer: 'describeNetworkXml',
  },
  { path: 'docs/reference/lxc.md', module: 'src/config/lxc/describe-lxc.ts', producer: 'describeLxc' },
  { path: 'docs/reference/nspawn.md', module: 'src/config/nspawn/describe-nspawn.ts', producer: 'describeNspawn' },
  { path: 'docs/reference/oci.md', module: 'src/config/oci/describe-oci.ts', producer: 'describeOci' },
  { path: 'docs/reference/spec.schema.json', module: 'src/config/json/spec-schema.ts', producer: 'formatSpecSchema' },
  { path: 'docs/reference/limits.md', module: 'src/config/limits/describe-limits.ts', producer: 'describeLimits' },
  { path: 'docs/reference/settings.md', module: 'src/system/describe-settings.ts', producer: 'describeSettings' },
];

/** Bundles the module into a temporary file, so that neither a build nor a TypeScript loader is needed, and imports it. */
async function importTypeScript(module) {
  const directory = mkdtempSync(join(tmpdir(), 'ctr-generate-'));
  const outfile = join(directory, 'module.mjs');
  try {
    await build({
      entryPoints: [resolve(ROOT, module)],
      bundle: true,
      outfile,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
      // commander is CommonJS and asks for `require`.
      banner: {
        js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
      },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
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
