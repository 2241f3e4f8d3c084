/** The results as one picture: an SVG without fonts, scripts or styles from elsewhere. */
import { formatNumber, formatRatio, formatVerdict } from './format-table.js';
import type { Result, Row, Verdict } from './metric.js';
import type { Report } from './write-report.js';

const WIDTH = 1000;
const MARGIN = 28;
const GAP = 36;
const PANEL = (WIDTH - 2 * MARGIN - GAP) / 2;
const LABEL = 128;
const VALUE = 104;
const BAR = PANEL - LABEL - VALUE;
const ROW = 21;
const HEAD = 40;
const FOOT = 30;
const TOP = 96;

const INK = '#1c2430';
const MUTED = '#66707d';
const OK = '#18794e';
const MISSED = '#c62a2f';
/** ctr stands out, the base is dark, the others step back. */
const COLORS = { ctr: '#0b6bcb', base: '#5b6572', other: '#b9c1cb' };

/** Bars from zero: lengths compare as the numbers do. A line across a bar is the goal that is hardest to meet. */
export function formatChart(report: Report & { readonly date: string }): string {
  const columns = [TOP, TOP];
  const panels = report.results
    .filter((result) => result.rows.some((row) => row.value !== undefined))
    .map((result) => {
      const column = (columns[1] ?? 0) < (columns[0] ?? 0) ? 1 : 0;
      const y = columns[column] ?? 0;
      columns[column] = y + heightOf(result);
      return formatPanel(result, MARGIN + column * (PANEL + GAP), y);
    });
  const height = Math.max(...columns) + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`,
    ` font-family="system-ui, 'Helvetica Neue', Arial, sans-serif" font-size="13" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    formatHeader(report),
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function formatHeader({ date, host, options }: Report & { readonly date: string }): string {
  const idle = options.idleMs > 0 ? `cold, ${options.idleMs} ms idle before each command` : 'warm';
  const about = `${date.slice(0, 10)} · kernel ${host.kernel} · ${host.cpus} CPUs · ${options.rounds} rounds, ${idle}`;
  const legend = [
    [COLORS.ctr, 'ctr', 0],
    [COLORS.base, 'what ratios refer to', 60],
    [COLORS.other, 'others', 220],
  ] as const;
  const key = legend.map(
    ([color, text, x]) =>
      `<rect x="${MARGIN + x}" y="68" width="11" height="11" fill="${color}"/>` +
      formatText(MARGIN + 17 + x, 78, text, MUTED, 12),
  );
  const goals = [
    [OK, 'goal met', 310],
    [MISSED, 'goal missed', 400],
    [MUTED, 'goal for a thousand containers', 510],
  ] as const;
  const marks = goals.map(
    ([color, text, x]) =>
      `<line x1="${MARGIN + x}" x2="${MARGIN + x}" y1="65" y2="82" stroke="${color}" stroke-width="2"/>` +
      formatText(MARGIN + 8 + x, 78, text, MUTED, 12),
  );
  return [
    formatText(MARGIN, 36, 'ctr beside its peers: shorter is better', INK, 19, 600),
    formatText(MARGIN, 57, about, MUTED, 12),
    ...key,
    ...marks,
  ].join('\n');
}

function heightOf(result: Result): number {
  return HEAD + result.rows.length * ROW + FOOT;
}

function formatPanel(result: Result, x: number, y: number): string {
  const values = result.rows.flatMap((row) => (row.value === undefined ? [] : [row.value]));
  // Room for the goal of what is far below it, too, but never more than half of the panel.
  const greatest = Math.max(...values);
  const fits = (limit: number) => values.length === 1 || limit <= greatest * 2;
  const limits = result.verdicts.flatMap(({ limit }) => (limit !== undefined && fits(limit) ? [limit] : []));
  const scale = BAR / Math.max(greatest, ...limits, Number.MIN_VALUE);
  return [
    formatText(x, y + 14, result.title, INK, 14, 600),
    formatText(
      x,
      y + 30,
      [result.detail, result.statistic, result.unit].filter((text) => text !== '').join(', '),
      MUTED,
      11.5,
    ),
    ...result.rows.map((row, index) => formatRow(result, row, scale, x, y + HEAD + index * ROW)),
  ].join('\n');
}

function formatRow(result: Result, row: Row, scale: number, x: number, y: number): string {
  const isOurs = row.who === 'ctr' || row.who.startsWith('ctr ') || row.who === 'helper' || row.who === 'many run';
  const color = isOurs ? COLORS.ctr : row.who === result.base ? COLORS.base : COLORS.other;
  const label = formatText(x + LABEL - 8, y + 14, row.who, INK, 12, isOurs ? 600 : 400, 'end');
  if (row.value === undefined) return `${label}\n${formatText(x + LABEL, y + 14, row.note ?? '', MUTED, 11)}`;
  const length = Math.max(row.value * scale, 1.5);
  const verdicts = result.verdicts.filter(({ goal }) => goal.of === row.who);
  const ratio = row.ratio === undefined || row.who === result.base ? '' : `${formatRatio(row.ratio)}×`;
  const hardest = findHardest(verdicts);
  const end = Math.max(length, hardest === undefined ? 0 : Math.min((hardest.limit ?? 0) * scale, BAR));
  return [
    label,
    `<rect x="${x + LABEL}" y="${y + 3}" width="${length.toFixed(1)}" height="${ROW - 7}" fill="${color}"/>`,
    ...(hardest === undefined ? [] : [formatGoal(verdicts, hardest, scale, x + LABEL, y)]),
    formatText(x + LABEL + end + 7, y + 14, formatNumber(row.value), INK, 12, isOurs ? 600 : 400),
    formatText(x + LABEL + end + 52, y + 14, ratio, MUTED, 12),
  ].join('\n');
}

/** The one with the least limit that fits into the panel. */
function findHardest(verdicts: readonly Verdict[]): Verdict | undefined {
  const known = verdicts.filter((verdict) => verdict.limit !== undefined);
  return known.sort((a, b) => (a.limit ?? 0) - (b.limit ?? 0))[0];
}

function formatGoal(verdicts: readonly Verdict[], hardest: Verdict, scale: number, x: number, y: number): string {
  const at = (x + Math.min((hardest.limit ?? 0) * scale, BAR)).toFixed(1);
  const is = (wanted: string) => verdicts.some(({ verdict }) => verdict === wanted);
  const color = is('missed') ? MISSED : is('ok') ? OK : MUTED;
  const title = verdicts.map(formatVerdict).map(escapeXml).join('\n');
  return `<line x1="${at}" x2="${at}" y1="${y}" y2="${y + ROW - 1}" stroke="${color}" stroke-width="2"><title>${title}</title></line>`;
}

function formatText(
  x: number,
  y: number,
  text: string,
  color: string,
  size: number,
  weight = 400,
  anchor = 'start',
): string {
  const where = `x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}"`;
  return `<text ${where} font-size="${size}" font-weight="${weight}" fill="${color}">${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
