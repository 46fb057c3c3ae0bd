// Bold, emphasis, raised and lowered signs, and links: each leaf says what holds for it, and
// neighbours that say the same are written together.
//
// So it does not matter in how many runs a program wrote a sentence, whether marks lie around blocks
// or in them, and on which side of a mark a space is.

import { Node, text } from "./tree.js";

const TAGS = { strong: "strong", b: "strong", em: "em", i: "em", sup: "sup", sub: "sub" };
const CODE = new Set(["code", "kbd", "samp", "tt"]);
const WHOLE = new Set(["pre", "iframe", "video", "audio", "embed", "object"]);
const ATOMS = new Set(["br", "img", "note", "wbr"]);
// What is written in bold or emphasis anyway.
const OWN = {};
for (const tag of ["h1", "h2", "h3", "h4", "h5", "h6", "th", "dt", "summary"]) OWN[tag] = "strong";
for (const tag of ["figcaption", "caption"]) OWN[tag] = "em";
const NESTED = ["strong", "em", "sup", "sub"];

class Leaf {
  constructor(node, marks = [], link = "") {
    this.node = node;
    this.marks = new Set(marks);
    this.link = link;
  }

  get isSpace() {
    return !this.node.tag && !this.node.text.trim();
  }

  get first() {
    return this.node.tag ? "!" : [...this.node.text][0] ?? "";
  }

  get last() {
    return this.node.tag ? "!" : [...this.node.text].at(-1) ?? "";
  }

  withText(words, marks) {
    return new Leaf(text(words), marks, this.link);
  }
}

const without = (marks, gone) => new Set([...marks].filter((mark) => !gone.has(mark)));
const same = (one, other) => one.size === other.size && [...one].every((mark) => other.has(mark));

// Writes the tree anew: blocks as they were, in them only text, breaks, images, code, notes, and
// around these `a`, in it `strong`, `em`, `sup` and `sub`.
export function spreadMarks(root) {
  root.children = spread(root.children, new Set(), "", "");
}

function spread(nodes, marks, link, own) {
  const out = [];
  let leaves = [];
  for (const entry of entries(nodes, marks, link, own)) {
    if (entry instanceof Leaf) {
      leaves.push(entry);
    } else {
      out.push(...regrouped(leaves), entry);
      leaves = [];
    }
  }
  return [...out, ...regrouped(leaves)];
}

function* entries(nodes, marks, link, own) {
  for (const node of nodes) {
    if (!node.tag || ATOMS.has(node.tag)) {
      const isBreak = node.tag === "br" || node.tag === "wbr";
      yield new Leaf(node, isBreak ? [] : marks, isBreak ? "" : link);
    } else if (CODE.has(node.tag)) {
      yield new Leaf(new Node("code", { children: [text(node.words)] }), marks, link);
    } else if (WHOLE.has(node.tag)) {
      yield node;
    } else if (node.isStructure) {
      const innerOwn = OWN[node.tag] ?? own;
      const inner = without(marksOf(node, marks), new Set([innerOwn]));
      const { attributes } = node;
      yield new Node(node.tag, { attributes, children: spread(node.children, inner, link, innerOwn) });
    } else {
      const to = node.tag === "a" ? node.get("href").trim() : "";
      const quoted = node.tag === "q" ? [text("“"), ...node.children, text("”")] : node.children;
      yield* entries(quoted, without(marksOf(node, marks), new Set([own])), to || link, own);
    }
  }
}

// The marks within a node: those around it, its own, and what its style says of them.
function marksOf(node, around) {
  const marks = new Set(around);
  if (TAGS[node.tag]) marks.add(TAGS[node.tag]);
  const { style } = node;
  const weight = style["font-weight"] ?? "";
  if (/^bold(er)?$/.test(weight) || (/^\d+$/.test(weight) && Number(weight) >= 600)) {
    marks.add("strong");
  } else if (/^(normal|lighter|\d+)$/.test(weight)) {
    marks.delete("strong");
  }
  if (/^(italic|oblique)/.test(style["font-style"] ?? "")) marks.add("em");
  else if (style["font-style"] === "normal") marks.delete("em");
  const align = style["vertical-align"];
  if (["super", "sub"].includes(align) && !["sup", "sub"].includes(node.tag)) {
    marks.delete("sup");
    marks.delete("sub");
    marks.add(align === "super" ? "sup" : "sub");
  }
  if (marks.has("sup") && marks.has("sub")) marks.delete(node.tag === "sup" ? "sub" : "sup");
  return marks;
}

function regrouped(leaves) {
  const apart = withRightSpaces(withSpacesApart(leaves));
  return linked(withRightSpaces(withRightEdges(withoutTangles(apart))));
}

// Each leaf without space at its ends; spaces as leaves of their own; text in one piece.
function withSpacesApart(leaves) {
  const out = [];
  for (const leaf of leaves) {
    const words = leaf.node.text;
    if (leaf.node.tag || !words) {
      if (leaf.node.tag) out.push(leaf);
      continue;
    }
    const core = words.trim();
    const start = core ? words.length - words.trimStart().length : words.length;
    for (const part of [words.slice(0, start), core, words.slice(start + core.length)]) {
      if (!part) continue;
      const last = out.at(-1);
      if (last && !last.node.tag && last.isSpace === !part.trim()) {
        if (last.isSpace || (same(last.marks, leaf.marks) && last.link === leaf.link)) {
          out[out.length - 1] = last.withText(last.node.text + part, last.marks);
          continue;
        }
      }
      out.push(leaf.withText(part, leaf.marks));
    }
  }
  return out;
}

// A space bears the marks that both its neighbours bear.
function withRightSpaces(leaves) {
  return leaves.map((leaf, place) => {
    if (!leaf.isSpace) return leaf;
    const before = leaves[place - 1] ?? new Leaf(leaf.node);
    const after = leaves[place + 1] ?? new Leaf(leaf.node);
    const link = before.link === after.link ? before.link : "";
    return new Leaf(leaf.node, [...before.marks].filter((mark) => after.marks.has(mark)), link);
  });
}

// Within one word Markdown cannot tell emphasis that ends from bold that begins: bold stays.
function withoutTangles(leaves) {
  const out = [];
  const isBound = (leaf) => leaf.isSpace || leaf.node.tag === "br";
  const strength = (leaf) => ["strong", "em"].filter((mark) => leaf.marks.has(mark)).join(" ");
  for (let start = 0, end = 0; start < leaves.length; start = end) {
    const first = leaves[start];
    while (
      end < leaves.length &&
      isBound(leaves[end]) === isBound(first) &&
      leaves[end].link === first.link
    ) {
      end += 1;
    }
    const word = leaves.slice(start, end);
    const said = word.map(strength);
    const isTangled = said.some((mark, n) => n && mark && said[n - 1] && mark !== said[n - 1]);
    const em = new Set(["em"]);
    out.push(
      ...(isTangled ? word.map((leaf) => new Leaf(leaf.node, without(leaf.marks, em), leaf.link)) : word),
    );
  }
  return out;
}

// Next to a letter, a mark does not count when punctuation is on its other side
// (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run): it moves behind this.
function withRightEdges(leaves) {
  const out = [...leaves];
  const missing = (one, other) =>
    new Set(["strong", "em"].filter((mark) => one.marks.has(mark) && !other.marks.has(mark)));
  let place = 0;
  while (place + 1 < out.length) {
    const [left, right] = [out[place], out[place + 1]];
    const gone = missing(left, right);
    const come = missing(right, left);
    const alike = left.link === right.link;
    if (alike && gone.size && isLetter(right.first) && !isLetter(left.last)) {
      const signs = [...left.node.text];
      let end = signs.length;
      while (end && !isLetter(signs[end - 1])) end -= 1;
      const parts = [signs.slice(0, end).join(""), signs.slice(end).join("")];
      out.splice(place, 1, ...cut(left, ...parts, gone, true));
      place = Math.max(place - 1, 0);
      continue;
    }
    if (alike && come.size && isLetter(left.last) && !isLetter(right.first)) {
      const signs = [...right.node.text];
      let start = 0;
      while (start < signs.length && !isLetter(signs[start])) start += 1;
      const parts = [signs.slice(start).join(""), signs.slice(0, start).join("")];
      out.splice(place + 1, 1, ...cut(right, ...parts, come, false));
    }
    place += 1;
  }
  return out;
}

function cut(leaf, kept, gone, marks, atEnd) {
  const bare = without(leaf.marks, marks);
  if (leaf.node.tag || !kept) return [new Leaf(leaf.node, bare, leaf.link)];
  const parts = [leaf.withText(kept, leaf.marks), leaf.withText(gone, bare)];
  return atEnd ? parts : parts.reverse();
}

// Whether a sign counts as part of a word (a letter, digit or accent).
export function isLetter(sign) {
  return /^[\p{L}\p{N}\p{M}]/u.test(sign);
}

// Neighbours that share a link within one node.
function linked(leaves) {
  const out = [];
  for (let start = 0, end = 0; start < leaves.length; start = end) {
    const { link } = leaves[start];
    while (end < leaves.length && leaves[end].link === link) end += 1;
    const children = nested(leaves.slice(start, end));
    if (link) out.push(new Node("a", { attributes: { href: link }, children }));
    else out.push(...children);
  }
  return out;
}

// Neighbours that share a mark within one node, the mark that reaches furthest outermost.
function nested(leaves) {
  const out = [];
  let place = 0;
  while (place < leaves.length) {
    const leaf = leaves[place];
    let [mark, end] = ["", place];
    for (const each of NESTED) {
      let reach = place;
      while (leaves[reach]?.marks.has(each)) reach += 1;
      if (reach > end) [mark, end] = [each, reach];
    }
    if (!mark || leaf.isSpace) {
      out.push(leaf.node);
      place += 1;
      continue;
    }
    const gone = new Set([mark]);
    const group = leaves.slice(place, end);
    const inner = group.map((part) => new Leaf(part.node, without(part.marks, gone), part.link));
    out.push(new Node(mark, { children: nested(inner) }));
    place = end;
  }
  return out;
}
