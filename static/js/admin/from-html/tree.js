// HTML as a tree of plain objects.

export const BLOCKS = new Set(
  ("address article aside blockquote center dd details div dl dt fieldset figcaption figure footer " +
    "form h1 h2 h3 h4 h5 h6 header hr iframe li main nav ol p pre section summary table ul video " +
    "audio object embed")
    .split(" "),
);
export const TABLE_PARTS = new Set("thead tbody tfoot tr td th caption colgroup".split(" "));
const STYLE = /<style\b[^>]*>([^]*?)<\/style\s*>/gi;
const SHEET_COMMENT = /\/\*[^]*?\*\/|<!--|-->/g;
const RULE = /([^{}]{1,400})\{([^{}]*)\}/g;
const CLASS = /^[A-Za-z0-9]*\.[\w-]+$/;
const MEANT =
  /(?<![\w-])(?:font-weight|font-style|text-decoration|vertical-align|display|visibility|mso-hide)\s*:[^;{}]*/gi;
const DEEPEST = 100; // elements within elements; what is nested deeper is hung up here

// An element, a text (`tag` is ""), or the root (`tag` is "root").
export class Node {
  constructor(tag, { text = "", attributes = {}, children = [] } = {}) {
    this.tag = tag;
    this.text = text;
    this.attributes = attributes;
    this.children = children;
  }

  get classes() {
    return (this.attributes.class ?? "").split(/\s+/).filter(Boolean);
  }

  get isStructure() {
    return BLOCKS.has(this.tag) || TABLE_PARTS.has(this.tag);
  }

  has(name) {
    return Object.hasOwn(this.attributes, name);
  }

  get(name, otherwise = "") {
    return this.has(name) ? this.attributes[name] : otherwise;
  }

  // The node and all within it, in the order of the text.
  *walk() {
    yield this;
    for (const child of this.children) yield* child.walk();
  }

  find(...tags) {
    for (const node of this.walk()) if (tags.includes(node.tag)) return node;
    return null;
  }

  // Its style declarations, in lower case.
  get style() {
    const declared = {};
    for (const part of this.get("style").split(";")) {
      const colon = part.indexOf(":");
      if (colon < 0) continue;
      declared[part.slice(0, colon).trim().toLowerCase()] = part.slice(colon + 1).trim().toLowerCase();
    }
    return declared;
  }

  // Removes every node within it that passes the test, the outermost first.
  remove(test) {
    this.children = this.children.filter((child) => !test(child));
    for (const child of this.children) child.remove(test);
  }

  // Replaces every node within it by what the rule returns (null: itself), the innermost first.
  rewrite(rule) {
    this.children = this.children.flatMap((child) => {
      child.rewrite(rule);
      return rule(child) ?? [child];
    });
  }

  // All that it says, white space and the bounds of blocks as one space.
  get words() {
    return this.said().replace(/[ \t\r\n]+/g, " ").trim();
  }

  said() {
    const inner = this.text + this.children.map((child) => child.said()).join("");
    return this.isStructure || this.tag === "br" ? ` ${inner} ` : inner;
  }
}

export const text = (words) => new Node("", { text: words });

// The tree of a piece of HTML; comments are left out. Pages, Word and Google Docs style classes in
// the head: what matters of it is put into the style of each element.
export function parse(html) {
  const sheet = [...html.matchAll(STYLE)].map((found) => found[1]).join("");
  // The policy of the page forbids styles even in a document that is only read: they get another
  // name.
  const bare = html
    .replace(STYLE, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
  const { documentElement } = new DOMParser().parseFromString(bare, "text/html");
  const root = new Node("root", { children: copied(documentElement, 0) });
  const rules = rulesOf(sheet);
  if (rules.size) {
    for (const node of root.walk()) {
      const said = node.classes.flatMap((name) =>
        ["", node.tag].map((tag) => rules.get(`${tag}.${name}`.toLowerCase()) ?? ""),
      );
      if (said.some(Boolean)) node.attributes.style = [...said, node.get("style")].join(";");
    }
  }
  return root;
}

function copied(element, depth) {
  const children = [];
  for (const node of element.childNodes) {
    if (node.nodeType === 3) children.push(text(node.data));
    if (node.nodeType !== 1) continue;
    const attributes = {};
    for (const { name, value } of node.attributes) {
      attributes[name === "data-style" ? "style" : name] = value;
    }
    const tag = node.localName;
    if (tag === "body") {
      children.push(...copied(node, depth));
    } else if (depth < DEEPEST) {
      children.push(new Node(tag, { attributes, children: copied(node, depth + 1) }));
    } else {
      children.push(new Node(tag, { attributes }), ...copied(node, depth));
    }
  }
  return children;
}

// What a style sheet declares for a class (`.c1`), or for one of an element (`span.c1`).
function rulesOf(sheet) {
  const rules = new Map();
  for (const [, selectors, declared] of sheet.replace(SHEET_COMMENT, "").matchAll(RULE)) {
    const said = (declared.match(MEANT) ?? []).join(";");
    for (const selector of selectors.split(",")) {
      const name = selector.trim().toLowerCase();
      if (said && CLASS.test(name)) rules.set(name, `${rules.get(name) ?? ""};${said}`);
    }
  }
  return rules;
}
