// From a text in the writing format to the document of the visual editor, block by block. Each
// block keeps its source, so that one that nobody changes is written back as it was.

import { blockOf, readOne, topLevel, Unknown } from "./blocks.js";
import { grammar } from "./grammar.js";
import { meaning } from "./meaning.js";
import { schema } from "./schema.js";
import { write } from "./writing.js";

const { nodes } = schema;
const HOLDS_INDENTED = /_list$|^box$|^side_note$/;

// A text as {doc, blocks, gaps, references}: `blocks` are {node, source} in their order; gaps[n]
// is what stands before block n, and the last gap what stands behind them all. What `before` (read
// earlier) already knows is not looked at again.
export function read(text, before = null) {
  const environment = {};
  const groups = topLevel(grammar.parse(text, environment));
  const lines = text.split("\n");
  const references = environment.references ?? {};
  const isKnown = before && JSON.stringify(before.references) === JSON.stringify(references);
  const seen = new Map(isKnown ? before.blocks.map(({ source, node }) => [source, node]) : []);
  const blocks = [];
  const gaps = [];
  let gap = 0; // the first line that no block has yet
  const take = (start, end, node) => {
    const before = blocks.at(-1);
    // Indented lines would become part of a list before them that is written anew.
    if (!node && before && /^[ \t]/.test(lines[start]) && HOLDS_INDENTED.test(before.node.type.name)) {
      before.source += `\n${lines.slice(gap, end).join("\n")}`;
      before.node = asText(before.source);
      gap = end;
      return;
    }
    gaps.push(lines.slice(gap, start).map((line) => `${line}\n`).join(""));
    const source = lines.slice(start, end).join("\n");
    blocks.push({ source, node: node ?? asText(source) });
    gap = end;
  };
  const takeUnparsed = (end) => {
    for (let line = gap; line < end; line += 1) {
      if (isBlank(lines[line])) continue;
      let last = line + 1;
      while (last < end && !isBlank(lines[last])) last += 1;
      take(line, last);
      line = last;
    }
  };
  for (const tokens of groups) {
    let [start, end] = tokens[0].map;
    while (end > start && isBlank(lines[end - 1])) end -= 1;
    takeUnparsed(start);
    const met = seen.get(lines.slice(start, end).join("\n"));
    take(start, end, met && met.type !== nodes.as_text ? met : known(tokens, references));
  }
  takeUnparsed(lines.length);
  // Between two blocks the last line's end belongs to the gap.
  gaps.push(lines.slice(gap).join("\n"));
  for (let place = 1; place < gaps.length; place += 1) {
    if (place < blocks.length || gap < lines.length) gaps[place] = `\n${gaps[place]}`;
  }
  const content = blocks.length ? blocks.map(({ node }) => node) : [nodes.paragraph.create()];
  return { doc: nodes.doc.create(null, content), blocks, gaps, references, text };
}

// The blocks of a piece of text, without those that are not known. For what is pasted.
export const readBlocks = (text) => read(text).blocks.map(({ node }) => node);

const isBlank = (line) => !/[^ \t]/.test(line);
const asText = (source) => nodes.as_text.create(null, source ? schema.text(source) : null);

// The node of a block, if what would be written for it says the same again.
function known(tokens, references) {
  try {
    const node = blockOf(tokens);
    const again = readOne(write(node, references), references);
    return again && meaning(again) === meaning(node) ? node : null;
  } catch (error) {
    if (error instanceof Unknown) return null;
    throw error;
  }
}

