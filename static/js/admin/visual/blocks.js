// From what the parser found to nodes of the visual editor. A block that the editor does not know is
// none: Unknown is thrown.

import { grammar } from "./grammar.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;
const BOOKING = /^book:(.*)$/i;

export class Unknown {} // thrown, without the cost of an error's stack

// The one block that a piece of text is, or null.
export function readOne(text, references) {
  const groups = topLevel(grammar.parse(text, { references: { ...references } }));
  try {
    return groups.length === 1 ? blockOf(groups[0]) : null;
  } catch (error) {
    if (error instanceof Unknown) return null;
    throw error;
  }
}

export function topLevel(tokens) {
  const groups = [];
  let depth = 0;
  let start = 0;
  tokens.forEach((token, place) => {
    depth += token.nesting;
    if (depth) return;
    groups.push(tokens.slice(start, place + 1));
    start = place + 1;
  });
  return groups.filter((group) => group[0].map && group[0].level === 0);
}

export function blockOf(tokens) {
  const [node, ...more] = childrenOf(tokens);
  if (!node || more.length) throw new Unknown();
  return node;
}


function childrenOf(tokens) {
  const made = [];
  for (let place = 0; place < tokens.length; place += 1) {
    const token = tokens[place];
    const end = token.nesting === 1 ? closing(tokens, place) : place;
    made.push(one(token, tokens.slice(place + 1, end)));
    place = end;
  }
  return made;
}

function closing(tokens, start) {
  let depth = 0;
  for (let place = start; place < tokens.length; place += 1) {
    depth += tokens[place].nesting;
    if (!depth) return place;
  }
  throw new Unknown();
}

const filled = (type, attrs, content) => {
  const node = type.createAndFill(attrs, content);
  if (!node) throw new Unknown();
  node.check();
  return node;
};

function one(token, inner) {
  const { type, meta } = token;
  switch (type) {
    case "paragraph_open":
      return alone(inner[0].children) ?? filled(nodes.paragraph, null, inlinesOf(inner[0]));
    case "heading_open":
      return filled(nodes.heading, { level: Number(token.tag[1]) }, inlinesOf(inner[0]));
    case "blockquote_open":
      return filled(nodes.blockquote, null, childrenOf(inner));
    case "bullet_list_open": {
      const { signs = null, sign = null } = meta ?? {};
      const attrs = { marker: token.markup, signs, sign, tight: isTight(token, inner) };
      return filled(nodes.bullet_list, attrs, childrenOf(inner));
    }
    case "ordered_list_open": {
      const start = Number(token.attrGet("start") ?? 1);
      const attrs = { start, marker: token.markup, tight: isTight(token, inner) };
      return filled(nodes.ordered_list, attrs, childrenOf(inner));
    }
    case "list_item_open":
      return filled(nodes.list_item, null, childrenOf(inner));
    case "box_open": {
      const title = filled(nodes.box_title, null, inlinesOf(inner[0]));
      return filled(nodes.box, { kind: token.info }, [title, ...childrenOf(inner.slice(1))]);
    }
    case "note_open":
      return filled(nodes.side_note, { label: token.content }, childrenOf(inner));
    case "hr":
      return nodes.rule.create();
    case "table_open":
      return filled(nodes.table, null, rowsOf(inner));
    default:
      throw new Unknown();
  }
}

// A picture or a booking link that is alone in its paragraph is a block.
function alone(children) {
  const [first] = children;
  if (first?.type === "image" && children.length === 1) {
    const [src, title] = [first.attrGet("src"), first.attrGet("title") ?? ""];
    return nodes.picture.create({ src, alt: wordsOf(first.children), title });
  }
  if (first?.type !== "link_open" || children.at(-1).type !== "link_close") return null;
  const name = first.attrGet("href").match(BOOKING)?.[1];
  if (name === undefined || first.attrGet("title")) return null;
  const label = wordsOf(children.slice(1, -1));
  return label.trim() ? nodes.booking.create({ name, label }) : null;
}

function wordsOf(tokens) {
  return tokens
    .map((token) => {
      if (token.type === "text" || token.type === "text_special") return token.content;
      if (token.type === "softbreak") return " ";
      throw new Unknown();
    })
    .join("");
}

const isTight = (list, inner) =>
  inner.every(({ type, level, hidden }) => {
    return type !== "paragraph_open" || level !== list.level + 2 || hidden;
  });

function rowsOf(tokens) {
  const rows = [];
  for (const token of tokens) {
    if (token.type === "tr_open") rows.push([]);
    if (!/^t[hd]_open$/.test(token.type)) continue;
    const cell = token.type === "th_open" ? nodes.table_header : nodes.table_cell;
    const align = token.attrGet("style")?.replace("text-align:", "") ?? null;
    rows.at(-1).push(filled(cell, { align }, inlinesOf(tokens[tokens.indexOf(token) + 1])));
  }
  return rows.map((cells) => nodes.table_row.create(null, cells));
}

const MARKS = { strong: "strong", em: "em" };
const SIGNS = { raised: "sup", lowered: "sub" };

function inlinesOf({ children }) {
  const made = [];
  let open = [];
  const all = (more = []) => [...open, ...more].reduce((set, mark) => mark.addToSet(set), []);
  const add = (node) => made.push(node.mark(all()));
  const addMarked = (text, type) => made.push(schema.text(text, all([type.create()])));
  for (const token of children) {
    const [, name, side] = token.type.match(/^(\w+?)_(open|close)$/) ?? [];
    if (side === "close") {
      open = open.slice(0, -1);
    } else if (name === "link") {
      const [href, title] = [token.attrGet("href"), token.attrGet("title") ?? ""];
      open = [...open, marks.link.create({ href, title })];
    } else if (marks[MARKS[name]]) {
      open = [...open, marks[MARKS[name]].create()];
    } else if (token.type === "text" || token.type === "text_special") {
      if (token.content) add(schema.text(token.content));
    } else if (SIGNS[token.type]) {
      addMarked(token.content, marks[SIGNS[token.type]]);
    } else if (token.type === "softbreak") {
      add(schema.text(" "));
    } else if (token.type === "hardbreak") {
      add(nodes.hard_break.create());
    } else if (token.type === "code_inline") {
      if (token.content) addMarked(token.content, marks.code);
    } else if (token.type === "cite") {
      add(nodes.cite.create({ source: token.content.replace(/\s*\n\s*/g, " ") }));
    } else if (token.type === "note") {
      add(nodes.note.create({ label: token.content }));
    } else {
      throw new Unknown();
    }
  }
  return made;
}
