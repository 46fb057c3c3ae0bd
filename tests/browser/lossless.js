// For test_lossless.py: opens texts in the visual editor's model, saves them, and edits them at random.

import { schema } from "/js/admin/visual/schema.js";
import { isEmptyParagraph, meaning } from "/js/admin/visual/meaning.js";
import { read } from "/js/admin/visual/reading.js";
import { textOf } from "/js/admin/visual/saving.js";

const { nodes, marks } = schema;
const TYPED = [
  ..."*_[]()`#\\@~^!|<>&:-=+.•✓✗é“ ",
  ...["**", "- ", "1. ", "> ", "!!! tip", "~2~", "^2^", "[^1]", "[x]", "[@a; @b]", "@chys", "---"],
  ...["===", "```", "&amp;", "<b>", "5*3*2", "https://x.y/_a_", "H~2~O", "10^2^", "\u00a0", "knee", "of the", "  "],
];
const MARKS = [
  marks.strong.create(),
  marks.em.create(),
  marks.code.create(),
  marks.sup.create(),
  marks.sub.create(),
  marks.link.create({ href: "article:knee" }),
  marks.link.create({ href: "https://a.example/(b) c", title: 'said "so"' }),
];

// What differs when each text is opened and saved without a change.
export function opened(texts) {
  return texts.filter((text) => {
    const origin = read(text);
    const pieces = origin.blocks.map(({ source }, place) => origin.gaps[place] + source);
    return pieces.join("") + origin.gaps.at(-1) !== text || textOf(origin.doc, origin) !== text;
  });
}

// Edits `count` times a block of a text; returns what went wrong, with the seed of its edit.
export function edited(texts, seed, count) {
  const origins = texts.map((text) => read(text));
  const wrong = [];
  for (let number = 0; number < count; number += 1) {
    const random = randomFrom(seed + number);
    const origin = origins[Math.floor(random() * origins.length)];
    const edit = editOf(origin.doc, random);
    const complaint = edit && fault(origin, edit);
    if (complaint) wrong.push({ seed: seed + number, ...complaint });
  }
  return wrong;
}

function fault(origin, { doc, place }) {
  const text = textOf(doc, origin);
  const shown = { before: origin.text, after: text };
  if (doc.eq(origin.doc)) return text === origin.text ? null : { what: "nothing changed", ...shown };
  const { blocks, gaps } = origin;
  const start = blocks.slice(0, place).map(({ source }, at) => gaps[at] + source);
  const end = blocks.slice(place + 1).map(({ source }, at) => source + gaps[place + 2 + at]);
  if (!text.startsWith(start.join("")) || !text.endsWith(end.join(""))) {
    return { what: "lines of other blocks changed", ...shown };
  }
  // What is written as text may become anything; between two lists nothing is left that parts them.
  if (doc.child(place).type === nodes.as_text || isEmptyParagraph(doc.child(place))) return null;
  return meaning(read(text, origin).doc) === meaning(doc) ? null : { what: "says something else", ...shown };
}

// A change in one line of one block: words typed, a mark set, something taken away.
function editOf(doc, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const place = Math.floor(random() * doc.childCount);
  const lines = [];
  let start = 0;
  doc.forEach((node, offset, at) => {
    if (at === place) start = offset;
  });
  const block = doc.child(place);
  if (block.isTextblock) lines.push([block, start]);
  else {
    block.descendants((node, pos) => {
      if (node.isTextblock) lines.push([node, start + 1 + pos]);
    });
  }
  if (!lines.length) return null;
  const [line, pos] = pick(lines);
  const ends = [random(), random()].map((part) => Math.floor(part * (line.content.size + 1)));
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const isText = line.type === nodes.as_text;
  let middle = [];
  const kind = random();
  if (kind < 0.6 || isText) {
    const typed = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(TYPED)).join("");
    middle = [schema.text(typed, !isText && random() < 0.3 ? [pick(MARKS)] : [])];
  } else if (kind < 0.9) {
    const mark = pick(MARKS);
    middle = line.cut(from, to).children.map((child) => child.mark(mark.addToSet(child.marks)));
  }
  const rest = kind < 0.3 ? from : to;
  const content = [...line.cut(0, from).children, ...middle, ...line.cut(rest).children];
  const { content: joined } = nodes.paragraph.create(null, content);
  return { place, doc: replaced(doc, 0, pos, line.type.create(line.attrs, joined)) };
}

// The node with another one at `pos`; `start` is where its content begins. The rest stays itself.
function replaced(parent, start, pos, line) {
  const children = [];
  parent.forEach((child, offset) => {
    const at = start + offset;
    if (at === pos) children.push(line);
    else if (at < pos && pos < at + child.nodeSize) children.push(replaced(child, at + 1, pos, line));
    else children.push(child);
  });
  return parent.type.create(parent.attrs, children);
}

// The same numbers for the same seed (mulberry32).
function randomFrom(seed) {
  let state = Math.imul(seed, 2654435761);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
