// Footnotes and comments, as Word, Google Docs, LibreOffice, WordPress and wikis write them.

import { BLOCKS, Node } from "./tree.js";

const LABEL = /^[[(]?\s*(?:\d{1,3}|[a-z]{1,2}|[ivxlc]{1,6}|[*†‡§¶]{1,4})\s*[\])]?$/i;
const BACK = new Set(["↩", "↩︎", "↑", "^", "⤴", "↵"]);
const NOTE_NAME = /fn|ftn|edn|note|cite|ref/i;
const HOLDERS = ["li", "p", "dd", "td"];
const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"];
const BRACKETS = /^[[\]()\s,;]*$/;

// Where things are in a tree: order and parent of each node, and what a name names.
class Places {
  constructor(root) {
    this.order = new Map();
    this.parents = new Map();
    this.named = new Map();
    for (const node of root.walk()) {
      this.order.set(node, this.order.size);
      for (const child of node.children) this.parents.set(child, node);
      for (const name of [node.get("id"), node.get("name")]) {
        if (name && !this.named.has(name)) this.named.set(name, node);
      }
    }
  }

  above(node) {
    const out = [];
    for (let at = this.parents.get(node); at; at = this.parents.get(at)) out.push(at);
    return out;
  }
}

// Comments at the margin (Word, Google Docs): the marks in the text and what they say.
export function dropComments(root, around) {
  for (const node of root.walk()) {
    const isWord = node.classes.includes("msocomtxt");
    const isDocs = ["div", "p"].includes(node.tag) && pointsTo(node, "#cmnt_ref");
    if (!isWord && !isDocs) continue;
    around.tellOnce("comment", node.words.replace(/^\s*\[\w{1,8}\]\s*/, ""));
    Object.assign(node, { tag: "x-gone", children: [], attributes: {} });
  }
  root.remove(
    (node) =>
      node.tag === "x-gone" ||
      node.classes.includes("msocomanchor") ||
      node.classes.includes("MsoCommentReference") ||
      node.style["mso-element"] === "comment-list" ||
      (["sup", "a"].includes(node.tag) && pointsTo(node, "#cmnt")),
  );
}

// Whether the first link within it has an address that begins so.
const pointsTo = (node, start) => node.find("a")?.get("href").startsWith(start) ?? false;

// Puts a `note` node in the place of each reference, and takes the notes out of the tree. Returns
// [number, note] for each. A reference without its note is left out and told.
export function gatherNotes(root, around) {
  const here = new Places(root);
  const numbers = new Map(); // of each note, by the block that holds it
  const replaced = new Map();
  for (const node of [...root.walk()]) {
    const name = refersTo(node);
    const label = name ? node.words : "";
    if (!name || (node.tag === "a" && !LABEL.test(label) && !BACK.has(label))) continue;
    const target = here.named.get(name);
    if (target && here.order.get(target) > here.order.get(node)) {
      const holder = holderOf(target, here);
      const isNote = node.tag === "sup" || NOTE_NAME.test(name);
      if (!holder || !(isNote || linksBack(holder, node, here))) continue;
      if (!numbers.has(holder)) numbers.set(holder, around.firstNote + numbers.size);
      const number = String(numbers.get(holder));
      replaced.set(node, [new Node("note", { attributes: { number } })]);
    } else if (target || BACK.has(label)) {
      const within = [node, ...here.above(node)];
      if (BACK.has(label) || within.some((above) => numbers.has(above))) replaced.set(node, []);
    } else if (NOTE_NAME.test(name) || isRaised(node, here)) {
      around.tellOnce("note", label.replace(/^[[\]() ]+|[[\]() ]+$/g, ""));
      replaced.set(node, []);
    }
  }
  const copies = [...numbers].map(([holder, number]) => [
    number,
    new Node("root", { children: holder.children }),
  ]);
  for (const tree of [root, ...copies.map(([, copy]) => copy)]) {
    tree.remove((node) => numbers.has(node));
    tree.rewrite((node) => replaced.get(node));
    tree.rewrite(bare);
  }
  root.remove((node) => node.tag === "hr" && isAfterText(node, here));
  for (const [, copy] of copies) trimStart(copy);
  return copies;
}

// The name that a link within the text points to.
function refersTo(node) {
  if (node.tag === "sup" && node.get("data-fn")) return node.get("data-fn");
  if (node.tag !== "a") return "";
  return node.get("href").split("#").slice(1).join("#");
}

// The block that is the note; null for what cannot be one.
function holderOf(target, here) {
  const above = [target, ...here.above(target)];
  if (above.some((node) => HEADINGS.includes(node.tag))) return null;
  const holder = BLOCKS.has(target.tag)
    ? target
    : above.find((node) => HOLDERS.includes(node.tag));
  if (!holder) return null;
  // Word and LibreOffice put each note, of several paragraphs perhaps, into a division.
  const parent = here.parents.get(holder);
  const isDivision = parent && ["div", "aside"].includes(parent.tag);
  return isDivision && /^(?:ftn|edn|sdfootnote|sdendnote)\d/.test(parent.get("id")) ? parent : holder;
}

function linksBack(holder, reference, here) {
  const names = new Set();
  for (const node of [reference, ...here.above(reference).slice(0, 2), ...reference.children]) {
    for (const name of [node.get("id"), node.get("name")]) if (name) names.add(name);
  }
  return [...holder.walk()].some((part) => part.tag === "a" && names.has(refersTo(part)));
}

function isRaised(node, here) {
  return [node, ...here.above(node).slice(0, 2), ...node.children].some(
    (part) => part.tag === "sup" || part.style["vertical-align"] === "super",
  );
}

// A reference is written raised anyway: no sup and no brackets around it.
function bare(node) {
  if (!["sup", "span"].includes(node.tag)) return null;
  const notes = [...node.walk()].filter((part) => part.tag === "note");
  if (notes.length && BRACKETS.test(node.words)) return notes;
  // What stood around a reference that was left out.
  return node.tag === "sup" && !notes.length && BRACKETS.test(node.words) ? [] : null;
}

// The rule above the notes of Word, which are gone.
function isAfterText(rule, here) {
  return here
    .above(rule)
    .some((node) => ["footnote-list", "endnote-list"].includes(node.style["mso-element"]));
}

// Without its own number before its words: `[1]`, `1.`, where the link to it was.
function trimStart(note) {
  for (const part of note.walk()) {
    if (part.tag || !part.text.trim()) continue;
    part.text = part.text.replace(/^\s*(?:\[\d{1,3}\]|\d{1,3}[.)](?=\s)|[\]:.])\s*/, "");
    if (part.text.trim()) return;
  }
}
