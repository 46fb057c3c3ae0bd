// What a node says, as a string: two that say the same are shown to readers as the same. What is
// not said: blanks at the ends, which sign marks a list, empty paragraphs.

import { Mark } from "../../../vendor/prosemirror.js";

const INDIFFERENT = new Set(["marker", "sign", "tight"]);
const kept = new WeakMap();

export function meaning(node) {
  let said = kept.get(node);
  if (said === undefined) {
    said = node.isTextblock ? lineOf(node) : blockOf(node);
    kept.set(node, said);
  }
  return said;
}

// Whether a list has no room between its items. One that needs blank lines has.
export function isTight(list) {
  const items = list.children.map(saying);
  const isSigned = list.type.name === "bullet_list" && !list.attrs.marker;
  if (isSigned || (items.length === 1 && items[0].length < 2)) {
    return items.every((item) => item.length < 2 || isCompact(item));
  }
  return list.attrs.tight && items.every(isCompact);
}

const isCompact = (children) =>
  children.every((child, place) => {
    return place ? child.type.isInGroup("list") : child.type.name === "paragraph";
  });

// The children that say something. A list within an item that has no words yet would be read as
// an underline of the words before it.
export const saying = (node) =>
  node.children.filter((child, place) => !isEmptyParagraph(child) && !(place && isBareList(child)));

function isBareList(node) {
  let bare = node.type.isInGroup("list");
  if (bare) {
    node.descendants((each) => {
      bare &&= !each.isLeaf;
    });
  }
  return bare;
}

export const isEmptyParagraph = (node) =>
  node.type.name === "paragraph" && meaning(node) === "paragraph()";

function blockOf(node) {
  const attrs = Object.entries(node.attrs).filter(([name]) => !INDIFFERENT.has(name));
  if (node.type.isInGroup("list")) attrs.push(["tight", isTight(node)]);
  return `${node.type.name}${JSON.stringify(attrs)}(${saying(node).map(meaning).join()})`;
}

function lineOf(node) {
  if (node.type.name === "as_text") return `as_text(${JSON.stringify(node.textContent.trim())})`;
  const attrs = node.type.name === "heading" ? node.attrs.level : (node.attrs.align ?? "");
  const runs = [];
  for (const { what, node: leaf, marks } of piecesOf(node)) {
    const said = what ?? `${leaf.type.name}${JSON.stringify(leaf.attrs)}`;
    const names = JSON.stringify(marks);
    if (runs.at(-1)?.[1] === names) runs.at(-1)[0] += said;
    else runs.push([said, names]);
  }
  return `${node.type.name}${attrs}(${runs.length ? JSON.stringify(runs) : ""})`;
}

// A citation and a note's number are links already, and no signs.
const NOT_ON_LEAVES = new Set(["link", "code", "sup", "sub"]);
const isNoCode = (mark) => mark.type.name !== "code";
const isLink = (mark) => mark.type.name === "link";
export const isRoom = ({ kind }) => kind === "blank" || kind === "break";

// Lowered signs stand right behind a letter or digit of the same link; elsewhere they cannot be
// written.
function lowerable(all, before) {
  const has = (marks) => marks.some(({ type }) => type.name === "sub");
  const sameLink = () => Mark.sameSet(all.filter(isLink), before.marks.filter(isLink));
  const isBehind = () => has(before.marks) || /[\p{L}\p{N}_)\]]$/u.test(before.what);
  if (!has(all) || (before?.kind === "word" && sameLink() && isBehind())) return all;
  return all.filter(({ type }) => type.name !== "sub");
}

// What stands in a line, as {kind, what or node, marks}. Bold or raised blanks look like any others:
// of marks they have only a link, and that if both their neighbours have it.
export function piecesOf(line) {
  const found = [];
  const add = (piece) => {
    const before = found.at(-1);
    // Signs right behind a name that is cited would be read as a part of the citation.
    if (before?.node?.attrs.source?.startsWith("@") && piece.marks.length) {
      found.push({ kind: "blank", what: " ", marks: [] });
    }
    const follows = before?.kind === piece.kind && piece.kind === "blank";
    if (!follows) return found.push(piece);
    before.what += piece.what;
    before.marks = before.marks.filter((mark) => mark.isInSet(piece.marks));
    return found.length;
  };
  line.forEach((node) => {
    if (node.type.name === "hard_break") {
      found.push({ kind: "break", node, marks: node.marks.filter(isLink) });
    } else if (!node.isText) {
      const marks = node.marks.filter(({ type }) => !NOT_ON_LEAVES.has(type.name));
      found.push({ kind: "leaf", node, marks });
    } else if (!node.marks.every(isNoCode)) {
      add({ kind: "code", what: node.text.replace(/[\t\n]/g, " "), marks: node.marks });
    } else {
      for (const what of node.text.match(/\s+|\S+/g)) {
        const isBlank = !what.trim();
        if (isBlank) add({ kind: "blank", what: what.replace(/[\t\n]/g, " "), marks: node.marks.filter(isLink) });
        else add({ kind: "word", what, marks: lowerable(node.marks, found.at(-1)) });
      }
    }
  });
  while (found.length && isRoom(found[0])) found.shift();
  while (found.length && isRoom(found.at(-1))) found.pop();
  const beside = (place) => [found[place - 1], found[place + 1]];
  const isKept = ({ kind }, place) =>
    kind !== "blank" || beside(place).every((piece) => piece.kind !== "break");
  return found.filter(isKept).map((piece, place, all) => {
    if (!isRoom(piece)) return piece;
    const before = all.slice(0, place).findLast((each) => !isRoom(each));
    const after = all.slice(place).find((each) => !isRoom(each));
    const shared = (mark) => mark.isInSet(before.marks) && mark.isInSet(after.marks);
    return { ...piece, marks: piece.marks.filter(shared) };
  });
}
