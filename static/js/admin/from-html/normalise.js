// HTML brought into one shape, whoever wrote it: a step for each kind of thing.

import { buildWordLists, markChecklists, mendLists } from "./lists.js";
import { spreadMarks } from "./marks.js";
import { dropComments, gatherNotes } from "./notes.js";
import { unwrapFrames } from "./tables.js";
import { Node, text } from "./tree.js";

const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"];
const SILENT = new Set("style title meta link noscript template xml head base".split(" "));
const TOLD = {
  script: "script",
  svg: "drawing",
  canvas: "drawing",
  nav: "navigation",
  form: "form",
  button: "control",
  input: "control",
  select: "control",
  textarea: "control",
};
const STRUCK = ["s", "strike"];
const NEVER_SEEN =
  // eslint-disable-next-line no-control-regex
  /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\p{Surrogate}/gu;
const SPACES = /[\u00a0\u202f\u2007]/g;
const LONGEST_HEADING = 90;
const ENDS_SENTENCE = /[.,;:!…]$/; // a heading may ask

// The tree with one way to say each thing, and its notes by number. The tree is changed.
export function normalised(root, around) {
  cleanText(root);
  dropComments(root, around);
  dropUnseen(root, around);
  markChecklists(root, around);
  dropDeleted(root, around);
  nameRoles(root);
  buildWordLists(root, around);
  const notes = gatherNotes(root, around);
  for (const tree of [root, ...notes.map(([, note]) => note)]) {
    dropControls(tree, around);
    mendLists(tree, around);
    unwrapFrames(tree);
    spreadMarks(tree);
  }
  findBoldLines(root, around);
  return { root, notes };
}

// Words without signs that nobody sees; a space that does not break is a space.
export function cleaned(words) {
  return words.replace(NEVER_SEEN, "").replace(SPACES, " ").normalize("NFC");
}

function cleanText(root) {
  for (const node of root.walk()) node.text = cleaned(node.text);
}

// Leaves out what the page did not show, or what only a program reads.
function dropUnseen(root, around) {
  root.remove((node) => {
    if (SILENT.has(node.tag)) return true;
    const { style } = node;
    const isHidden =
      style.display === "none" ||
      style.visibility === "hidden" ||
      style["mso-hide"] === "all" ||
      node.has("hidden");
    if (isHidden && node.words) around.tellOnce("hidden", node.words);
    return isHidden;
  });
}

// Leaves out what was deleted or struck through. Google Docs strikes through what is ticked in a
// check list: this stays.
function dropDeleted(node, around, isTicked = false) {
  node.children = node.children.filter((child) => {
    const { style } = child;
    const line = `${style["text-decoration"] ?? ""} ${style["text-decoration-line"] ?? ""}`;
    const isStruck = STRUCK.includes(child.tag) || line.includes("line-through");
    if (child.tag === "del" || (isStruck && !isTicked)) {
      if (child.words) around.tellOnce("deleted", child.words);
      return false;
    }
    dropDeleted(child, around, isTicked || child.get("data-check") === "ticked");
    return true;
  });
}

// Calls headings and quotes by their names, where a class or a role says what they are.
function nameRoles(root) {
  for (const node of root.walk()) {
    const level = node.get("aria-level");
    if (node.get("role") === "heading" && !HEADINGS.includes(node.tag)) {
      node.tag = /^[1-6]$/.test(level) ? `h${level}` : "h2";
    } else if (node.classes.includes("MsoTitle")) {
      node.tag = "h1";
    } else if (node.tag === "p" && node.classes.some((name) => /^Mso(Intense)?Quote$/.test(name))) {
      const inner = new Node("p", { children: node.children });
      Object.assign(node, { tag: "blockquote", children: [inner] });
    } else if (node.tag === "math") {
      const said = node.get("alttext") || node.words;
      Object.assign(node, { tag: "x-math", children: [text(said)] });
    }
  }
}

// Leaves out what one works with and does not read; formulas are text from here on.
function dropControls(root, around) {
  root.remove((node) => {
    const kind = TOLD[node.tag];
    if (kind && (node.words || kind === "script" || kind === "form")) {
      around.tellOnce(kind, kind === "script" ? "" : node.words);
    }
    if (node.tag === "x-math") around.tellOnce("formula", node.words);
    return Boolean(kind);
  });
}

// A line in bold above a block looks like a heading: make it one, or tell.
function findBoldLines(root, around) {
  let level = 1;
  for (const node of [...root.walk()]) {
    if (HEADINGS.includes(node.tag)) level = Number(node.tag[1]);
    if (!["root", "div", "section", "article", "main"].includes(node.tag)) continue;
    const blocks = node.children.filter((child) => child.tag || child.text.trim());
    const bold = blocks.map(isBoldLine);
    for (let place = 0; place + 1 < blocks.length; place += 1) {
      const [block, following] = [blocks[place], blocks[place + 1]];
      if (HEADINGS.includes(block.tag)) level = Number(block.tag[1]);
      const isAlone = !bold[place - 1] && !bold[place + 1];
      if (!(bold[place] && isAlone) || HEADINGS.includes(following.tag)) continue;
      if (around.boldHeadings) {
        block.tag = `h${Math.min(level + 1, 6)}`;
        block.children = block.children.filter((child) => child.tag)[0].children;
      } else {
        around.tellOnce("bold-line", block.words);
      }
    }
  }
}

function isBoldLine(node) {
  const inner = node.children.filter((child) => child.tag || child.text.trim());
  const { words } = node;
  return (
    node.tag === "p" &&
    inner.length === 1 &&
    inner[0].tag === "strong" &&
    !node.find("br", "img", "note") &&
    words.length > 0 &&
    [...words].length <= LONGEST_HEADING &&
    !ENDS_SENTENCE.test(words)
  );
}
