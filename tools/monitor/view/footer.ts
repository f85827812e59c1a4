/** The last line: what the keys do here, or what one of them has just done. */
import { fitLine, lineWidth } from '../../kit/terminal/cells.js';
import type { Scene } from './scene.js';
import { span, type Line } from '../../kit/terminal/styled.js';

type Hint = readonly [key: string, does: string];

export function footerLine(scene: Scene, width: number): Line {
  const { ui, clockMs, glyphs } = scene;
  if (ui.mode.kind === 'filter') {
    const typed = glyphs.text(ui.filters[ui.mode.list]);
    return fitLine(
      [
        span(` filter ${ui.mode.list}: `, 'accent'),
        span(`${typed}_`, 'bold'),
        ...keys([
          ['Enter', 'keeps it'],
          ['Esc', 'drops it'],
        ]),
      ],
      width,
    );
  }
  if (ui.message !== undefined && clockMs < ui.message.untilMs) {
    return fitLine([span(` ${glyphs.text(ui.message.text)}`, ui.message.style)], width);
  }
  const hints = hintsOf(scene);
  let line = keys(hints);
  for (let kept = hints.length; lineWidth(line) > width && kept > 2; kept -= 1) {
    line = keys([...hints.slice(0, kept - 2), ...hints.slice(-1)]);
  }
  return fitLine(line, width);
}

/** The most important first; the last one always stays. */
function hintsOf({ ui, isReadOnly }: Scene): readonly Hint[] {
  const quit: Hint = ['q', 'quit'];
  const help: Hint = ['?', 'help'];
  if (ui.mode.kind === 'confirm')
    return [
      ['y', 'yes'],
      ['any other key', 'no'],
    ];
  if (ui.mode.kind === 'help' || ui.mode.kind === 'detail')
    return [['up/down', 'scroll'], ['Esc', 'close'], quit];
  const acts: readonly Hint[] =
    isReadOnly || ui.pane !== 'workers'
      ? []
      : [
          ['K', 'kill'],
          ['P', 'pause'],
          ['R', 'resume'],
        ];
  const opens: Hint = ui.pane === 'queue' || ui.pane === 'flow' ? ['Enter', 'zoom'] : ['Enter', 'details'];
  return [
    help,
    ['Tab', 'pane'],
    opens,
    ...acts,
    ['/', 'filter'],
    ['p', ui.frozen === undefined ? 'freeze' : 'go on'],
    ['z', 'zoom'],
    quit,
  ];
}

function keys(hints: readonly Hint[]): Line {
  return hints.flatMap(([key, does]) => [span(' '), span(key, 'accent'), span(` ${does} `, 'dim')]);
}
