/** The tables of docs/configuration.md, made from the settings table. */
import {
  defaultOf,
  expectedOf,
  type Reader,
  type ReaderLetter,
  type Setting,
  type SettingsSection,
} from '../../contracts/settings/setting.js';
import { SETTINGS_TABLE } from '../../contracts/settings/settings-table.js';

const LETTERS: Readonly<Record<Reader, readonly ReaderLetter[]>> = {
  supervisor: ['S'],
  coordinator: ['C'],
  worker: ['W'],
  function: ['W'],
  stack: ['E'],
  process: ['S', 'C', 'W', 'E'],
  burst: ['T'],
  monitor: ['T'],
  chaos: ['T'],
  pictures: ['T'],
  bench: ['T'],
  conformance: ['T'],
};
const LETTER_ORDER: readonly ReaderLetter[] = ['S', 'C', 'W', 'E', 'T'];
const NOTHING = '–';

interface Column {
  readonly title: string;
  /** Empty where a setting has nothing to show; a column without any value is left out. */
  readonly cell: (setting: Setting, name: string) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'variable', cell: (_setting, name) => `\`${name}\`` },
  { title: 'flag of `npm start`', cell: ({ flag }) => (flag === undefined ? '' : `\`--${flag.name}\``) },
  { title: 'read by', cell: lettersOf },
  { title: 'default', cell: describeDefault },
  { title: 'values', cell: describeValues },
  { title: 'meaning, and reason to change it', cell: ({ purpose }) => purpose },
];

/** Replaces what stands between the markers of each section. @throws if a section has no markers */
export function withSettingsTables(page: string): string {
  return Object.entries<SettingsSection>(SETTINGS_TABLE).reduce((text, [name, section]) => {
    const start = `<!-- settings: ${name} -->\n`;
    const end = `<!-- end of settings: ${name} -->`;
    const from = text.indexOf(start);
    const until = text.indexOf(end, from);
    if (from < 0 || until < 0)
      throw new Error(`docs/configuration.md has no place for the settings of ${name}`);
    return `${text.slice(0, from + start.length)}\n${renderTable(section)}\n${text.slice(until)}`;
  }, page);
}

function renderTable(section: SettingsSection): string {
  const settings = Object.entries(section);
  const columns = COLUMNS.filter(({ cell }) =>
    settings.some(([name, setting]) => cell(setting, name) !== ''),
  );
  const rows = [
    columns.map(({ title }) => title),
    columns.map(() => '---'),
    ...settings.map(([name, setting]) => columns.map(({ cell }) => cell(setting, name) || NOTHING)),
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function lettersOf({ schemas, readBy }: Setting): string {
  const readers = Object.keys(schemas) as Reader[];
  const letters = new Set(readBy ?? readers.flatMap((reader) => LETTERS[reader]));
  return LETTER_ORDER.filter((letter) => letters.has(letter)).join(' ');
}

function describeDefault({ schemas, defaultText, startDefault }: Setting): string {
  const general = defaultText ?? codeUnlessNumber(defaultOf(schemas));
  if (startDefault === undefined) return general;
  return `${codeUnlessNumber(startDefault)} under \`npm start\` and Compose, else ${general}`;
}

function codeUnlessNumber(value: string | undefined): string {
  if (value === undefined) return NOTHING;
  return /^\d+$/.test(value) ? value : `\`${value}\``;
}

/** The unit and bounds of a number, or the words to choose from. */
function describeValues({ schemas, unit }: Setting): string {
  const expected = expectedOf(schemas) ?? '';
  const words = /^one of: (.+)$/.exec(expected)?.[1];
  if (words !== undefined) return words.replaceAll(/[^, ]+/g, '`$&`');
  const [, min, max] = /^a whole number from (\d+) to (\d+)$/.exec(expected) ?? [];
  if (unit === undefined || min === undefined || max === undefined) return '';
  return `${unit}, ${withSeparators(min)}–${withSeparators(max)}`;
}

function withSeparators(digits: string): string {
  return digits.length <= 4 ? digits : digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
