// The text of a whole document. A block that nobody changed is its source, byte for byte, and so is
// what stands between two such blocks; only a block that was changed is written anew.

import { meaning } from "./meaning.js";
import { read } from "./reading.js";
import { write } from "./writing.js";

const BLANK_LINE = /\n[ \t]*\n/;

// The text of `doc`, which was read as `origin` (see read).
export function textOf(doc, origin) {
  const nodes = [];
  doc.forEach((node) => nodes.push(node));
  const from = sources(nodes, origin.blocks);
  if (nodes.length === origin.blocks.length && from.every(({ same }) => same)) return origin.text;
  const close = join(nodes, from, origin, false);
  if (meaning(read(close, origin).doc) === meaning(doc)) return close;
  return join(nodes, from, origin, true);
}

// For each node the block it came from, as {place, same}: the node itself, or changed in its place.
function sources(nodes, blocks) {
  const equal = (node, place) => node === blocks[place].node || node.eq(blocks[place].node);
  const found = nodes.map(() => ({ place: -1, same: false }));
  const shorter = Math.min(nodes.length, blocks.length);
  let start = 0;
  while (start < shorter && equal(nodes[start], start)) start += 1;
  let tail = 0;
  const fromEnd = (list) => list.length - 1 - tail;
  while (tail < shorter - start && equal(nodes[fromEnd(nodes)], fromEnd(blocks))) tail += 1;
  const [end, last] = [nodes.length - tail, blocks.length - tail];
  nodes.forEach((_node, at) => {
    if (at < start) found[at] = { place: at, same: true };
    else if (at >= end) found[at] = { place: at - end + last, same: true };
  });
  // In the middle: what stayed keeps its order; one changed block between two that stayed is
  // that block changed.
  let next = start;
  let open = start;
  for (let at = start; at <= end; at += 1) {
    let place = at === end ? last : -1;
    for (let each = next; place < 0 && each < last; each += 1) {
      if (equal(nodes[at], each)) place = each;
    }
    if (place < 0) continue;
    if (at - open === place - next) {
      for (let each = open; each < at; each += 1) found[each].place = next + each - open;
    }
    if (at < end) found[at] = { place, same: true };
    [open, next] = [at + 1, place + 1];
  }
  return found;
}

// `apart`: with a blank line on both sides of what was changed, and lists that take nothing in.
function join(nodes, from, { blocks, gaps, references }, apart) {
  let text = "";
  let before = null; // {node, place, same} of the last piece
  nodes.forEach((node, at) => {
    const { place, same } = from[at];
    const piece = same ? blocks[place].source : write(node, references, before?.node, apart);
    if (!piece && !same) return;
    if (before) text += between(before, { place, same }, gaps, apart);
    else if (blocks.length) text += gaps[0];
    text += piece;
    before = { node, place, same };
  });
  if (!before) return blocks.length ? "" : gaps[0];
  return blocks.length ? text + gaps.at(-1) : text;
}

function between(one, other, gaps, apart) {
  const follows = one.place >= 0 && other.place === one.place + 1;
  if (follows && ((one.same && other.same) || !apart)) return gaps[other.place];
  const near = [one.place + 1, other.place].filter((place) => place > 0 && place < gaps.length - 1);
  return near.map((place) => gaps[place]).find((gap) => BLANK_LINE.test(gap)) ?? "\n\n";
}
