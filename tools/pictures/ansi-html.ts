/** A terminal's screen as a page: what `tmux capture-pane -e` gives, with the few styles that our programs use. */

const COLOURS = ['#3b4252', '#e5616c', '#8fc379', '#e5c07b', '#61a0ef', '#c678dd', '#56b6c2', '#d8dee9'];
const BRIGHT = ['#6b7689', '#ff7a85', '#a5d98d', '#f5d58c', '#7db7ff', '#d992ee', '#6fd3df', '#ffffff'];
const GROUND = '#15181e';
const TEXT = '#d8dee9';

interface Style {
  readonly colour: string;
  readonly isBold: boolean;
  readonly isInverse: boolean;
}

const PLAIN: Style = { colour: TEXT, isBold: false, isInverse: false };

export function pageOf(screen: string, title: string): string {
  return `<!doctype html><meta charset="utf-8"><title>${escaped(title)}</title><style>
    body { margin: 0; background: ${GROUND} }
    pre { margin: 0; padding: 14px 18px; display: inline-block; color: ${TEXT};
      font: 14px/1.25 'DejaVu Sans Mono', monospace }
  </style><pre>${spansOf(screen.trimEnd())}</pre>`;
}

function spansOf(screen: string): string {
  let style = PLAIN;
  let html = '';
  // eslint-disable-next-line no-control-regex -- it begins every style
  for (const [index, part] of screen.split(/\u001b\[([\d;]*)m/).entries()) {
    if (index % 2 === 1) style = (part === '' ? '0' : part).split(';').map(Number).reduce(changed, style);
    else if (part !== '') html += `<span style="${cssOf(style)}">${escaped(part)}</span>`;
  }
  return html;
}

function changed(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, isBold: true };
  if (code === 22) return { ...style, isBold: false };
  if (code === 7) return { ...style, isInverse: true };
  if (code === 27) return { ...style, isInverse: false };
  const colour = COLOURS[code - 30] ?? BRIGHT[code - 90] ?? (code === 39 ? TEXT : undefined);
  return colour === undefined ? style : { ...style, colour };
}

function cssOf({ colour, isBold, isInverse }: Style): string {
  const paint = isInverse ? `color:${GROUND};background:${colour}` : `color:${colour}`;
  return isBold ? `${paint};font-weight:bold` : paint;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
