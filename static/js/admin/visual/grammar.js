// The writing format, parsed in the browser: CommonMark with tables, and the rules that
// clinic/lib/markdown adds to it. What each rule takes is decided there; these follow it.

import { MarkdownIt } from "../../../vendor/prosemirror.js";

export const BOXES = ["insight", "case", "tip", "warning", "urgent", "emergency"];
export const SIGNS = { "✓": "ticks", "✔": "ticks", "✗": "crosses", "✘": "crosses", "•": "dots" };
export const QUOTES = "\"'“”„‟«»‘’";

const DEEPEST = 20;
const OPENING = /^!!![ \t]*(\p{L}[\p{L}\p{N}_-]*)[ \t]*(.*)$/u;
const SIGN = /^([✓✔✗✘•])\ufe0f?[ \t\u00a0]*/;
const TEXT_INDENT = 2; // how much deeper than its sign a line stands that belongs to an item
const SIGN_INDENT = 4; // and a sign that begins a list within it

const WORD = "[\\p{L}\\p{N}_]";
const KEY = `${WORD}(?:${WORD}|[:.#$%&\\-+?<>~/](?=${WORD}))*`;
const NOT_INSIDE = "(?<![\\p{L}\\p{N}_\\\\./+\\-])";
const NARRATIVE = new RegExp(`${NOT_INSIDE}@${KEY}`, "uy");
const SOURCE = new RegExp(`(?:(?<![\\p{L}\\p{N}_-])-|${NOT_INSIDE})@${KEY}`, "u");
const GROUP = /\[([^[\]`]{2,1000})\]/uy;
const AFTER_NAME = /( {0,2})\[(?!\^)([^[\]`]{1,1000})\](?![(\[:])/uy;
const LOWERED_AFTER = "(?<=[\\p{L}\\p{N}_)\\]*])";
const NOTE = /\[\^([^\]\s[]{1,80})\]/y;

// Whether what stands between brackets is a citation.
export function isGroup(text) {
  return text.includes("@") && text.split(";").every((part) => SOURCE.test(part));
}

// The keys that a citation names, in its order.
export function keysOf(source) {
  return [...source.matchAll(new RegExp(`${NOT_INSIDE}-?@(${KEY})`, "gu"))].map(([, key]) => key);
}

function at(pattern, state) {
  pattern.lastIndex = state.pos;
  const found = pattern.exec(state.src);
  return found && found.index + found[0].length <= state.posMax ? found : null;
}

function citation(state, silent) {
  if (state.linkLevel) return false; // a citation is a link, and links hold no links
  const sign = state.src[state.pos];
  let end;
  if (sign === "[") {
    const group = at(GROUP, state);
    if (!group || !isGroup(group[1])) return false;
    end = state.pos + group[0].length;
  } else if (sign === "@") {
    const name = at(NARRATIVE, state);
    if (!name) return false;
    end = state.pos + name[0].length;
    AFTER_NAME.lastIndex = end;
    const more = AFTER_NAME.exec(state.src);
    if (more && end + more[0].length <= state.posMax && isNamed(more[2])) end += more[0].length;
  } else {
    return false;
  }
  if (!silent) state.push("cite", "", 0).content = state.src.slice(state.pos, end);
  state.pos = end;
  return true;
}

function isNamed(text) {
  if (!text.includes("@")) return true;
  const [own, ...rest] = text.split(";");
  return !own.includes("@") && rest.length > 0 && isGroup(rest.join(";"));
}

function note(state, silent) {
  const found = at(NOTE, state);
  if (!found) return false;
  if (!silent) state.push("note", "", 0).content = found[1];
  state.pos += found[0].length;
  return true;
}

const ESCAPED = "\\\\[!-/:-@\\[-`{-~]";
const RAISED = new RegExp(`\\^((?:${ESCAPED}|[^\\s\\\\^[\\]]){1,80})\\^`, "y");
const LOWERED = new RegExp(`${LOWERED_AFTER}~((?:${ESCAPED}|[^\\s\\\\~[\\]]){1,80})~`, "uy");

function raised(state, silent) {
  const pattern = { "^": RAISED, "~": LOWERED }[state.src[state.pos]];
  const found = pattern && at(pattern, state);
  if (!found) return false;
  if (!silent) {
    const token = state.push(pattern === RAISED ? "raised" : "lowered", "", 0);
    token.content = found[1].replace(/\\([!-/:-@[-`{-~])/g, "$1");
  }
  state.pos += found[0].length;
  return true;
}

// `[^a]: what it says`, whose further lines are indented by four spaces.
function noteText(state, start, end, silent) {
  if (state.sCount[start] - state.blkIndent >= 4) return false;
  const first = state.bMarks[start] + state.tShift[start];
  const opening = state.src.slice(first, state.eMarks[start]).match(/^\[\^([^ \]]+)\]:/);
  if (!opening) return false;
  if (silent) return true;
  const opened = state.push("note_open", "", 1);
  opened.content = opening[1];
  const { bMarks, tShift, sCount, parentType } = state;
  const before = [bMarks[start], tShift[start], sCount[start]];
  const after = first + opening[0].length;
  const initial = sCount[start] + after - first;
  let pos = after;
  let offset = initial;
  for (; pos < state.eMarks[start]; pos += 1) {
    if (state.src[pos] === "\t") offset += 4 - (offset % 4);
    else if (state.src[pos] === " ") offset += 1;
    else break;
  }
  bMarks[start] = after;
  tShift[start] = pos - after;
  sCount[start] = offset - initial;
  state.blkIndent += 4;
  state.parentType = "footnote";
  if (sCount[start] < state.blkIndent) sCount[start] += state.blkIndent;
  state.md.block.tokenize(state, start, end);
  state.parentType = parentType;
  state.blkIndent -= 4;
  [bMarks[start], tShift[start], sCount[start]] = before;
  opened.map = [start, state.line];
  state.push("note_close", "", -1);
  return true;
}

function box(state, start, end, silent) {
  if (state.sCount[start] - state.blkIndent >= 4) return false;
  const first = state.bMarks[start] + state.tShift[start];
  const opening = state.src.slice(first, state.eMarks[start]).match(OPENING);
  if (!opening) return false;
  if (silent) return true;
  let last = start;
  for (let line = start + 1; line < end; line += 1) {
    if (state.isEmpty(line)) continue;
    if (state.sCount[line] - state.blkIndent < 4) break;
    last = line;
  }
  const kind = opening[1].toLowerCase();
  const known = BOXES.includes(kind);
  const opened = state.push(known ? "box_open" : "unknown_box_open", "", 1);
  opened.map = [start, last + 1];
  opened.info = kind;
  let title = opening[2].trim();
  if (title && QUOTES.includes(title[0])) title = strip(title, QUOTES);
  const inline = state.push("inline", "", 0);
  inline.content = title;
  inline.map = [start, start + 1];
  inline.children = [];
  const { lineMax, parentType, tight } = state;
  state.lineMax = last + 1;
  state.parentType = "callout";
  state.blkIndent += 4;
  state.md.block.tokenize(state, start + 1, last + 1);
  state.blkIndent -= 4;
  Object.assign(state, { lineMax, parentType, tight });
  state.push(known ? "box_close" : "unknown_box_close", "", -1);
  state.line = last + 1;
  return true;
}

function strip(text, signs) {
  let [start, end] = [0, text.length];
  while (start < end && signs.includes(text[start])) start += 1;
  while (end > start && signs.includes(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

const signAt = (state, line) =>
  state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]).match(SIGN);

function signList(state, start, end, silent) {
  let sign = signAt(state, start);
  if (!sign) return false;
  if (silent) return true;
  const before = state.tokens.at(-1);
  if (before?.type === "list_item_open" && before.markup) return false; // as in `- ✓ text`
  const kind = SIGNS[sign[1]];
  const base = state.sCount[start];
  const opened = state.push("bullet_list_open", "ul", 1);
  opened.meta = { signs: kind, sign: sign[1] };
  let line = start;
  let next = start;
  while (sign && SIGNS[sign[1]] === kind) {
    next = itemEnd(state, line, end, base);
    signItem(state, line, next, state.bMarks[line] + state.tShift[line] + sign[0].length, base);
    line = next;
    while (line < end && state.isEmpty(line)) line += 1;
    if (line >= end || state.sCount[line] < state.blkIndent) break;
    sign = signAt(state, line);
  }
  state.push("bullet_list_close", "ul", -1);
  opened.map = [start, next];
  state.line = next;
  return true;
}

function itemEnd(state, start, end, base) {
  let last = start;
  for (let line = start + 1; line < end; line += 1) {
    if (state.isEmpty(line)) continue;
    const deeper = state.sCount[line] - base;
    if (deeper < (signAt(state, line) ? SIGN_INDENT : TEXT_INDENT)) break;
    last = line;
  }
  return last + 1;
}

function signItem(state, start, end, content, base) {
  const opened = state.push("list_item_open", "li", 1);
  opened.map = [start, end];
  const first = state.tokens.length;
  const { lineMax, blkIndent, tight, parentType } = state;
  const line = [state.bMarks[start], state.tShift[start], state.sCount[start]];
  Object.assign(state, { lineMax: end, tight: true, parentType: "list" });
  state.blkIndent = base + TEXT_INDENT;
  [state.bMarks[start], state.tShift[start], state.sCount[start]] = [content, 0, state.blkIndent];
  state.md.block.tokenize(state, start, end);
  if (state.tight) {
    for (const token of state.tokens.slice(first)) {
      if (token.level === opened.level + 1 && token.tag === "p") token.hidden = true;
    }
  }
  [state.bMarks[start], state.tShift[start], state.sCount[start]] = line;
  Object.assign(state, { lineMax, blkIndent, tight, parentType });
  state.push("list_item_close", "li", -1);
}

// Bullet lists of which every item begins with the same kind of sign.
function markedLists(state) {
  const open = [];
  state.tokens.forEach((token, place) => {
    if (/^(bullet|ordered)_list_open$/.test(token.type)) open.push({ list: token, texts: [] });
    else if (token.type === "list_item_open") {
      const text = state.tokens
        .slice(place + 1, place + 3)
        .find((each) => each.type === "inline" && each.children[0]?.type === "text");
      open.at(-1).texts.push(text?.children[0]);
    } else if (/^(bullet|ordered)_list_close$/.test(token.type)) {
      const { list, texts } = open.pop();
      if (token.type === "bullet_list_close" && !list.meta) takeSigns(list, texts);
    }
  });
}

function takeSigns(list, texts) {
  const signs = texts.map((text) => text?.content.match(SIGN));
  const kinds = new Set(signs.map((sign) => sign && SIGNS[sign[1]]));
  if (kinds.size !== 1 || !signs[0]) return;
  list.meta = { signs: SIGNS[signs[0][1]], sign: signs[0][1] };
  texts.forEach((text, place) => {
    text.content = text.content.slice(signs[place][0].length);
  });
}

const INTERRUPTS = { alt: ["paragraph", "reference", "blockquote", "list"] };

export const grammar = new MarkdownIt("commonmark", { html: false, maxNesting: DEEPEST });
grammar.enable("table");
grammar.validateLink = () => true; // judged where it is rendered
grammar.normalizeLink = (url) => url; // kept as it is written
grammar.normalizeLinkText = (text) => text;
grammar.block.ruler.before("reference", "note_text", noteText, { alt: ["paragraph", "reference"] });
grammar.block.ruler.before("fence", "box", box, INTERRUPTS);
grammar.block.ruler.before("code", "sign_list", signList, INTERRUPTS);
grammar.inline.ruler.after("link", "citation", citation);
grammar.inline.ruler.after("image", "note", note);
grammar.inline.ruler.after("emphasis", "raised", raised);
grammar.core.ruler.after("inline", "marked_lists", markedLists);
