// GOV.UK Frontend is written for left-to-right pages. This turns the sides in its declarations into
// start and end, so that one stylesheet serves both directions.

const SIDE = { left: "inline-start", right: "inline-end" };
const RENAMED = /^(\s*)(margin|padding|border)-(left|right)(-color|-width|-style)?(\s*:)/;
const CORNER = /^(\s*)border-(top|bottom)-(left|right)-radius(\s*:)/;
const PLACED = /^(\s*)(left|right)(\s*:)/;
const ALIGNED = /^(\s*(?:text-align|float|clear)\s*:\s*)(left|right)\b/;
const FOUR = /^(\s*)(margin|padding)\s*:\s*((?:[^\s()!;]+|[\w-]*\([^()]*\))(?:\s+(?:[^\s()!;]+|[\w-]*\([^()]*\))){3})\s*;/;

function fourSides(line) {
  const found = FOUR.exec(line);
  if (!found) return line;
  const [top, right, bottom, left] = found[3].match(/[\w-]*\([^()]*\)|[^\s()]+/g);
  const [, indent, name] = found;
  return right === left ? line : `${indent}${name}-block: ${top} ${bottom}; ${name}-inline: ${left} ${right};`;
}

function oneLine(line) {
  const [block, inline] = [{ top: "start", bottom: "end" }, { left: "start", right: "end" }];
  return fourSides(line)
    .replace(RENAMED, (_, i, name, side, part = "", colon) => `${i}${name}-${SIDE[side]}${part}${colon}`)
    .replace(CORNER, (_, i, b, s, colon) => `${i}border-${block[b]}-${inline[s]}-radius${colon}`)
    .replace(PLACED, (_, i, side, colon) => `${i}inset-${SIDE[side]}${colon}`)
    .replace(ALIGNED, (_, head, side) => head + (head.trim().startsWith("text") ? inline[side] : SIDE[side]));
}

/** Takes expanded CSS, one declaration a line, as Sass writes it. */
export function logical(css) {
  return css.split("\n").map(oneLine).join("\n");
}
