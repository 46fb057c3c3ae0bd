// From a node of the visual editor to the writing format.
//
// Signs that mean something to the parser are escaped only where they would: what is written is
// read again, and if it does not say what the node says, more is escaped until it does.

import { Fragment, Mark } from "../../../vendor/prosemirror.js";
import { readOne } from "./blocks.js";
import { QUOTES } from "./grammar.js";
import { isRoom, isTight, meaning, piecesOf, saying } from "./meaning.js";

// Signs with a meaning. Each is left as it is where the text says the same without its escape.
const SIGNS = ["\\", "`", "*", "_", "[", "]", "<", ">", "&", "~", "^", "@", "#", "+", "-", "!", "|", "=", ":", ".", ")", "$"];
const EVERY = new Set(SIGNS);
const NONE = new Set();
const LIST_SIGN = /^[✓✔✗✘•]/gm;
const kept = new WeakMap(); // node → {references, text}

// The text of a block, without line end. `before` is the node that it follows, if any; `wide`: its
// lists stand so deep that nothing that follows them is taken for a part of them.
export function write(node, references = {}, before = null, wide = false) {
  const isNext = before?.type === node.type && node.type.isInGroup("list");
  if (isNext || wide) return block(node, { references, before: isNext ? before : null, wide });
  const found = kept.get(node);
  if (found?.references === references && found.text !== undefined) return found.text;
  const text = block(node, { references });
  kept.set(node, { ...kept.get(node), references, text });
  return text;
}

function block(node, context) {
  const { attrs } = node;
  switch (node.type.name) {
    case "paragraph":
      return line(node, context);
    case "heading":
      return trimmed(`${"#".repeat(attrs.level)} ${line(node, context)}`);
    case "blockquote":
      return children(saying(node), context).replace(/^/gm, "> ").replace(/^> $/gm, ">");
    case "bullet_list":
    case "ordered_list":
      return list(node, context);
    case "box": {
      const title = line(node.firstChild, context);
      const head = `!!! ${attrs.kind}${title ? ` "${title}"` : ""}`;
      const body = children(saying(node).slice(1), context);
      return body ? `${head}\n${indent(body, 4)}` : head;
    }
    case "side_note":
      return trimmed(`[^${attrs.label}]: ${indent(children(saying(node), context), 4).trimStart()}`);
    case "picture":
      return plainest(node, context, (signs) => {
        return `![${escaped(attrs.alt, signs)}](${target(attrs.src, attrs.title)})`;
      });
    case "booking":
      return plainest(node, context, (signs) => {
        return `[${escaped(attrs.label, signs)}](${target(`book:${attrs.name}`, "")})`;
      });
    case "rule":
      return "---";
    case "table":
      return table(node, context);
    case "as_text":
      return node.textContent;
    default:
      throw new Error(`No text for ${node.type.name}`);
  }
}

const trimmed = (text) => text.replace(/ +$/, "");
const indent = (text, width) => text.replace(/^(?=.)/gm, " ".repeat(width));

function children(nodes, { references, wide }, gap = "\n\n") {
  let before = null;
  return nodes
    .map((node) => {
      const text = write(node, references, before, wide);
      const room = before ? gap : "";
      before = node;
      return room + text;
    })
    .join("");
}

// What is written without escapes if that says the same, else with all of them.
function plainest(node, { references }, text) {
  const again = readOne(text(NONE), references);
  return text(again && meaning(again) === meaning(node) ? NONE : EVERY);
}

// The sign that a list is written with: another one than that of the list right before it.
function markerOf(node, before) {
  const { marker, signs } = node.attrs;
  const isBullet = node.type.name === "bullet_list";
  const wanted = marker || (isBullet && signs !== null ? "" : isBullet ? "-" : ".");
  if (!before || !wanted) return wanted;
  const taken = markerOf(before, null);
  if (wanted !== taken) return wanted;
  if (isBullet) return wanted === "-" ? "*" : "-";
  return wanted === "." ? ")" : ".";
}

function list(node, { references, before, wide }) {
  const marker = markerOf(node, before);
  const { signs, start } = node.attrs;
  const isBullet = node.type.name === "bullet_list";
  const sign = signs === null ? "" : node.attrs.sign;
  const tight = isTight(node);
  const items = node.children.map((item, place) => {
    const head = isBullet ? marker : `${start + place}${marker}`;
    const width = !marker || wide ? Math.max(4, head.length + 1) : head.length + 1;
    const room = marker ? head.padEnd(width) : "";
    // Blank lines of an item of signs alone make no room between the others.
    const close = marker ? tight : isTight(node.copy(Fragment.from(item)));
    let body = children(saying(item), { references, wide }, close ? "\n" : "\n\n");
    // With the sign of the list before them, stars or dashes alone would be a rule.
    if (item.firstChild.isTextblock && /^([-*_])[-*_ ]*$/m.test(body.split("\n", 1)[0])) body = `\\${body}`;
    const opening = sign ? `${room}${sign} ` : room;
    return trimmed(opening + indent(body, width).slice(body ? width : 0));
  });
  return items.join(tight || !marker ? "\n" : "\n\n");
}

function table(node, context) {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const rows = node.children.map(({ children: cells }) => {
    return row(cells.map((cell) => line(cell, context)));
  });
  const rules = { left: ":--", right: "--:", center: ":-:" };
  const heads = node.firstChild.children.map(({ attrs }) => rules[attrs.align] ?? "---");
  return [rows[0], row(heads), ...rows.slice(1)].join("\n");
}

// The words of a paragraph, a heading or a cell, with as few signs as will do.
function line(node, { references }) {
  const found = kept.get(node);
  if (found?.references === references && found.line !== undefined) return found.line;
  const says = (text) => {
    const again = readLine(node, text, references);
    return again !== null && meaning(again) === meaning(node);
  };
  const text = leastEscaped(node, says);
  kept.set(node, { ...found, references, line: text });
  return text;
}

function leastEscaped(node, says) {
  const plain = inlines(node, { signs: NONE });
  if (says(plain)) return plain;
  let last = plain;
  for (const other of [{}, { underscore: true }, { entities: true }, { underscore: true, entities: true }]) {
    last = inlines(node, { ...other, signs: EVERY });
    if (!says(last)) continue;
    let signs = EVERY;
    for (const sign of SIGNS) {
      if (!last.includes(`\\${sign}`)) continue;
      const fewer = new Set(signs);
      fewer.delete(sign);
      const text = inlines(node, { ...other, signs: fewer });
      if (says(text)) [signs, last] = [fewer, text];
    }
    return last;
  }
  return last;
}

// What a line says where it stands: in a cell, a heading, a title or a paragraph.
function readLine(node, text, references) {
  const around = {
    heading: (words) => trimmed(`${"#".repeat(node.attrs.level)} ${words}`),
    box_title: (words) => (words ? `!!! tip "${words}"` : "!!! tip"),
    table_header: (words) => `| ${words} |\n| --- |`,
    table_cell: (words) => `| x |\n| --- |\n| ${words} |`,
  }[node.type.name];
  const found = readOne(around ? around(text) : text, references);
  if (!found) return text === "" && node.type.name === "paragraph" ? node.type.create() : null;
  switch (node.type.name) {
    case "box_title":
      return found.firstChild;
    case "table_header":
      return node.type.create(node.attrs, found.firstChild?.firstChild?.content);
    case "table_cell":
      return node.type.create(node.attrs, found.lastChild?.firstChild?.content);
    default:
      return found.type === node.type ? found : null;
  }
}

// -- within a line ----------------------------------------------------------------------------

const WITHOUT_BLANKS = new Set(["link", "sup", "sub"]); // those within a link are its own
const WEIGHT = { link: 1, sup: -1, sub: -1 }; // signs hold nothing but signs
const NESTING = ["strong", "em", "sup", "sub"];

function inlines(line, how) {
  const inCell = /^table_/.test(line.type.name);
  const lineBreak = inCell || line.type.name === "heading" ? " " : "\\\n";
  let text = run(piecesOf(line), { ...how, lineBreak });
  if (inCell) text = text.replace(/(?<!\\)((?:\\\\)*)\|/g, "$1\\|");
  return how.entities ? atTheEnds(text, line) : text;
}

const named = (sign) => `&#${sign.codePointAt(0)};`;

// What would be taken away, or taken for something else, at the ends of a line.
function atTheEnds(text, node) {
  let made = text.replace(LIST_SIGN, named);
  if (node.type.name === "box_title") {
    const quotes = new RegExp(`^[${QUOTES}]|[${QUOTES}]$`, "g");
    made = made.replace(quotes, named);
  }
  return made;
}

function run(pieces, how) {
  let out = "";
  const nameAt = (place) => Boolean(pieces[place]?.node?.attrs.source?.startsWith("@"));
  for (let place = 0; place < pieces.length; ) {
    const mark = outermost(pieces, place);
    if (!mark) {
      const isName = nameAt(place);
      out = joined(out, leaf(pieces[place], how), how, { isName, wasName: nameAt(place - 1) });
      place += 1;
      continue;
    }
    const end = endOf(mark, pieces, place);
    const inner = pieces
      .slice(place, end)
      .map((piece) => ({ ...piece, marks: mark.removeFromSet(piece.marks) }));
    out = joined(out, marked(mark, run(inner, how), how), how, { isMarked: true });
    place = end;
  }
  return out;
}

// Where the run of a mark ends that begins here. It reaches across blanks, a link only across its
// own; raised and lowered signs hold no other mark.
function endOf(mark, pieces, place) {
  let end = place;
  const isSign = mark.type.name.startsWith("su");
  for (let at = place; at < pieces.length; at += 1) {
    const has = mark.isInSet(pieces[at].marks);
    if (isSign && !Mark.sameSet(pieces[at].marks, pieces[place].marks)) break;
    if (!has && (WITHOUT_BLANKS.has(mark.type.name) || !isRoom(pieces[at]))) break;
    if (has) end = at + 1;
  }
  return end;
}

// The mark around all others that begin here: a link, which must not be cut in two, or the one that
// reaches farthest.
function outermost(pieces, place) {
  const rank = ({ type }) => NESTING.indexOf(type.name);
  const reach = (mark) => endOf(mark, pieces, place) + 1e6 * (WEIGHT[mark.type.name] ?? 0);
  return pieces[place].marks
    .filter(({ type }) => type.name !== "code")
    .sort((a, b) => reach(b) - reach(a) || rank(a) - rank(b))[0];
}

const MARKS = { strong: "**", em: "*", sup: "^", sub: "~" };

function marked(mark, words, { underscore }) {
  if (mark.type.name === "link") return `[${words}](${target(mark.attrs.href, mark.attrs.title)})`;
  const sign = underscore && mark.type.name === "em" ? "_" : MARKS[mark.type.name];
  return `${sign}${words}${sign}`;
}

const LETTER = /[^\s\p{Cc}!-/:-@[-`{-~]/u; // and whatever else is neither a blank nor a sign
const DELIMITER = /[*_]/;
// What would become part of a name that is cited, or keep it from being one.
const BEFORE_NAME = /[\p{L}\p{N}_\\./+-]/u;
const AFTER_NAME = /[\p{L}\p{N}_:.#$%&\-+?<>~/([]/u;

// Two pieces side by side. A mark that touches a letter outside and a sign inside is no mark for
// the parser (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run): the letter is then
// written by its number. So is what touches a name that is cited.
function joined(out, piece, { entities }, { isMarked = false, isName = false, wasName = false }) {
  if (!entities || !out || !piece) return out + piece;
  const [last, first] = [[...out].at(-1), [...piece][0]];
  const opens = isMarked && LETTER.test(last) && DELIMITER.test(first);
  const closes = !isMarked && LETTER.test(first) && DELIMITER.test(last);
  if (opens || (isName && BEFORE_NAME.test(last))) {
    // Of an escaped sign the escape goes with it.
    const before = /[!-/:-@[-`{-~]/.test(last) ? out.replace(/\\?.$/s, "") : out.slice(0, -last.length);
    return before + named(last) + piece;
  }
  if (closes || (wasName && AFTER_NAME.test(first === "\\" ? piece[1] : first))) {
    const sign = first === "\\" ? piece[1] : first;
    return out + named(sign) + piece.slice(piece.indexOf(sign) + sign.length);
  }
  return out + piece;
}

function leaf({ kind, what, node }, { signs, lineBreak, entities }) {
  switch (kind) {
    case "word":
    case "blank":
      // Escaped or not, a bracket ends what stands in brackets behind a name.
      return entities ? escaped(what, signs).replace(/\\[[\]]/g, (sign) => named(sign[1])) : escaped(what, signs);
    case "code":
      return code(what);
    case "break":
      return lineBreak;
    default:
      return node.type.name === "cite" ? node.attrs.source : `[^${node.attrs.label}]`;
  }
}

const escaped = (text, signs) =>
  text.replace(/[!-/:-@[-`{-~]/g, (sign) => (signs.has(sign) ? `\\${sign}` : sign));

function code(text) {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const room = /^`|`$|^ .* $/.test(text) ? " " : "";
  return `${fence}${room}${text.replace(/\n/g, " ")}${room}${fence}`;
}

// Address and title of a link or picture. Blanks and signs that would end it are kept within <>.
function target(href, title) {
  const address = /^[^\s<>()\\]+$/.test(href) ? href : `<${href.replace(/[<>\\]/g, "\\$&")}>`;
  return title ? `${address} "${title.replace(/["\\]/g, "\\$&")}"` : address;
}

