// The normalised tree in the writing format: headings, lists, tables, quotes, figures, notes.

import { tableOf } from "./tables.js";
import { Node, text } from "./tree.js";
import { longestRun, oneLine, paragraphsOf, target, Words } from "./words.js";

const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"];
const LISTS = ["ul", "ol"];
const PLAYED = ["iframe", "video", "audio", "embed", "object"];
const [HIGHEST, LOWEST] = [2, 4]; // the title of the page is the first level
const ADDRESS_ALONE = /^https?:\/\/\S+$/;
const PICTURE_FILE = /\.(?:jpe?g|png|gif|webp)(?:\?.*)?$/i;
const ITEM = /^(?:[-*✓]|[0-9]+[.)]) /;
const END = /[.,;:!?]$/;

// Writes the blocks of one text.
export class Writer {
  constructor(around) {
    this.around = around;
    this.words = new Words(around);
    this.levels = {};
  }

  // The text, then its notes.
  write(root, notes) {
    const tags = [...root.walk()].map((node) => node.tag);
    const used = HEADINGS.filter((tag) => tags.includes(tag));
    // Whatever levels it used, they begin below the title and skip none.
    used.forEach((tag, n) => (this.levels[tag] = Math.min(HIGHEST + n, LOWEST)));
    const blocks = this.blocks(root.children);
    if (notes.length && blocks.at(-1) === "---") blocks.pop(); // the rule above the notes
    for (const [number, note] of notes) {
      const said = this.blocks(note.children).join("\n\n") || "…";
      blocks.push(`[^${number}]: ${indented(said, 4)}`);
    }
    return blocks.join("\n\n");
  }

  // Blocks and, between them, runs of words: each run one or more paragraphs.
  blocks(nodes) {
    const blocks = [];
    let run = [];
    let last = "";
    let isSecond = false; // of two lists in a row, which would be one
    for (const node of [...nodes, null]) {
      if (node && !node.isStructure) {
        run.push(node);
        continue;
      }
      const words = this.run(run);
      if (words.length) last = "";
      blocks.push(...words);
      run = [];
      if (!node) break;
      isSecond = node.tag === last && !isSecond;
      const made = LISTS.includes(node.tag) ? [this.list(node, isSecond)] : this.block(node);
      const said = made.filter((block) => block.trim());
      if (said.length) last = node.tag;
      blocks.push(...said);
    }
    return blocks;
  }

  // Paragraphs; a picture among the words stands before them, on its own.
  run(nodes) {
    const pictures = [];
    const rest = [];
    for (const node of nodes) {
      const picture = node.find("img");
      if (picture && !node.words) {
        const written = this.picture(picture, node);
        if (written.startsWith("![")) pictures.push(written);
        else if (written) rest.push(new Node("x-written", { text: written }));
      } else {
        rest.push(node);
      }
    }
    const said = rest.map((node) => node.words).join("").trim();
    if (ADDRESS_ALONE.test(said) && rest.every((node) => !node.tag)) {
      return [...pictures, this.address(said)];
    }
    const written = rest.map((node) =>
      node.tag === "x-written" ? node.text : this.words.run([node]),
    );
    return [...pictures, ...paragraphsOf(written.join(""))];
  }

  // A picture that links to itself, larger, loses nothing; other links are told of.
  picture(picture, within, caption = "") {
    const address = within.find("a")?.get("href") ?? "";
    if (address && !PICTURE_FILE.test(address)) this.around.tellOnce("picture-link", address);
    return this.words.picture(picture, caption);
  }

  block(node) {
    const { tag } = node;
    if (this.levels[tag]) return this.heading(node);
    if (tag === "blockquote") return [prefixed(this.blocks(node.children).join("\n\n"), "> ")];
    if (tag === "pre") return [fenced(node)];
    if (tag === "table") return this.table(node);
    if (tag === "figure") return this.figure(node);
    if (tag === "hr") return ["---"];
    if (tag === "dt" || tag === "summary") {
      const line = this.words.oneLine(inline(node.children));
      return line ? [`**${line}**`] : [];
    }
    if (PLAYED.includes(tag)) return this.played(node);
    return this.blocks(node.children);
  }

  heading(node) {
    const images = [...node.walk()].filter((part) => part.tag === "img");
    const pictures = images.map((part) => this.picture(part, node));
    const words = this.words.oneLine(inline(node.children).filter((part) => part.tag !== "img"));
    const line = words.replace(/(?<!\S)(#+)$/, "\\$1"); // or it would close the heading
    return line ? [...pictures, `${"#".repeat(this.levels[node.tag])} ${line}`] : pictures;
  }

  list(node, isSecond) {
    const number = start(node);
    const items = node.children
      .map((child) => ({ isCheck: child.has("data-check"), blocks: this.blocks(child.children) }))
      .filter(({ blocks }) => blocks.length);
    const isLoose = items.some(({ blocks }) => blocks.slice(1).some((block) => !ITEM.test(block)));
    const glue = isLoose ? "\n\n" : "\n";
    return items
      .map(({ isCheck, blocks }, place) => {
        let marker = isSecond ? "* " : "- ";
        if (node.tag === "ol") marker = `${number + place}${isSecond ? ")" : "."} `;
        if (isCheck) marker = "✓ ";
        return marker + indented(blocks.join(glue), marker.length);
      })
      .join(glue);
  }

  table(node) {
    const { caption, rows } = tableOf(node, this.around);
    const said = caption ? this.words.oneLine(inline(caption.children)) : "";
    const above = said ? [`*${said}*`] : [];
    if (!rows.length) return above;
    const lines = rows.map((row) => `| ${row.map((cell) => this.cell(cell)).join(" | ")} |`);
    lines.splice(1, 0, `|${" --- |".repeat(rows[0].length)}`);
    return [...above, lines.join("\n")];
  }

  // What a cell says, in one line: its paragraphs and items with semicolons between.
  cell(cell) {
    let out = "";
    for (const part of this.cellParts(cell)) {
      if (out) out += END.test(out) ? " " : "; ";
      out += part;
    }
    return out.replaceAll("|", "\\|");
  }

  cellParts(node) {
    const parts = [];
    let run = [];
    let number = start(node);
    for (const child of [...node.children, null]) {
      if (child && !child.isStructure) {
        run.push(child);
        continue;
      }
      const line = this.words.oneLine(run);
      if (line) parts.push(line);
      run = [];
      if (!child) break;
      let inner = this.cellParts(child);
      if (child.tag === "pre") inner = [this.words.oneLine([text(child.words)])];
      if (PLAYED.includes(child.tag)) inner = this.played(child);
      if (child.tag === "li" && inner.length) {
        let mark = node.tag === "ol" ? `${number}. ` : "";
        if (child.has("data-check")) mark = "✓ ";
        inner[0] = mark + inner[0];
        number += 1;
      }
      parts.push(...inner);
    }
    return parts;
  }

  figure(node) {
    const caption = node.children.find((part) => part.tag === "figcaption");
    const rest = node.children.filter((part) => part !== caption);
    const all = rest.flatMap((child) => [...child.walk()]);
    const pictures = all.filter((part) => part.tag === "img");
    if (pictures.length === 1 && !all.some((part) => ["figure", "table"].includes(part.tag))) {
      const said = this.picture(pictures[0], node, caption?.words ?? "");
      return said.trim() ? [said] : [];
    }
    const line = caption ? this.words.oneLine(inline(caption.children)) : "";
    const blocks = this.blocks(rest);
    return line ? [...blocks, `*${line}*`] : blocks;
  }

  played(node) {
    let address = "";
    for (const part of node.walk()) address ||= part.get("src") || part.get("data");
    if (address.startsWith("//")) address = `https:${address}`;
    if (!address.startsWith("http")) {
      this.around.tellOnce("frame", node.get("title"));
      return [];
    }
    // Nothing of another host is loaded by a page.
    this.around.tellOnce("embedded", address);
    return [this.address(address, node.get("title"))];
  }

  address(address, title = "") {
    return `[${this.words.escape(oneLine(title || address))}](${target(address)})`;
  }
}

// What is said in blocks, without the blocks.
function inline(nodes) {
  return nodes.flatMap((node) =>
    node.isStructure ? [...inline(node.children), text(" ")] : [node],
  );
}

function start(node) {
  return /^\d+$/.test(node.get("start")) ? Number(node.get("start")) : 1;
}

function fenced(node) {
  let words = "";
  for (const part of node.walk()) words += part.tag === "br" ? "\n" : part.text;
  words = words.replace(/^\n+|\n+$/g, "");
  const fence = "`".repeat(Math.max(3, 1 + longestRun(words)));
  return words.trim() ? `${fence}\n${words}\n${fence}` : "";
}

const prefixed = (words, prefix) =>
  words && words.split("\n").map((line) => `${prefix}${line}`.trimEnd()).join("\n");

const indented = (words, by) => words.replace(/\n(?=[^\n])/g, `\n${" ".repeat(by)}`);
