// What is pasted from Word, Google Docs or a web page becomes clean Markdown.

import Turndown from "../../vendor/turndown.js";
import { tables } from "../../vendor/turndown-gfm.js";

const LIST_LEVEL = /mso-list:[^;"']*\blevel(\d)/i;

// Word writes lists as paragraphs that begin with a sign: make them lists.
function mendWordLists(body) {
  let open = [];
  let last = null;
  for (const item of [...body.querySelectorAll("p, h1, h2, h3, h4")]) {
    const style = item.getAttribute("data-style") ?? "";
    const isItem = /MsoListParagraph/.test(item.className) || LIST_LEVEL.test(style);
    if (!isItem) continue;
    const level = Number(style.match(LIST_LEVEL)?.[1] ?? 1);
    const sign = item.querySelector('[data-style*="mso-list:Ignore" i], [data-style*="mso-list: Ignore" i]');
    const first = (sign?.textContent ?? item.textContent).trim();
    const kind = /^(\d+|[a-z]|[ivx]+)[.)]/i.test(first) ? "ol" : "ul";
    if (sign) sign.remove();
    else item.innerHTML = item.innerHTML.replace(/^(\s|&nbsp;)*(·|•|o|§|-|\d+[.)])(\s|&nbsp;)+/, "");
    if (!last || last.nextElementSibling !== item) open = [];
    open.length = Math.min(open.length, level);
    while (open.length < level) {
      const list = body.ownerDocument.createElement(kind);
      const parent = open.at(-1)?.lastElementChild;
      if (parent) parent.append(list);
      else item.before(list);
      open.push(list);
    }
    const entry = body.ownerDocument.createElement("li");
    entry.append(...item.childNodes);
    open.at(-1).append(entry);
    item.remove();
    last = open[0];
  }
}

// Word's own notes: a link to #_ftn1 in the text, the note itself at the end.
function mendNotes(body) {
  for (const anchor of body.querySelectorAll('a[href*="#_ftnref"], a[href*="#_ednref"]')) {
    const number = anchor.getAttribute("href").match(/(\d+)$/)?.[1];
    const note = anchor.closest("div, p");
    if (!number || !note) continue;
    anchor.remove();
    const paragraph = body.ownerDocument.createElement("p");
    paragraph.textContent = `[^${number}]: ${note.textContent.trim().replace(/\s+/g, " ")}`;
    note.replaceWith(paragraph);
  }
  for (const anchor of body.querySelectorAll('a[href*="#_ftn"], a[href*="#_edn"]')) {
    const number = anchor.getAttribute("href").match(/(\d+)$/)?.[1];
    if (number) anchor.replaceWith(`[^${number}]`);
  }
}

// The policy of the page forbids styles even in a document that is only read: they get another name.
function withoutStyles(html) {
  return html
    .replace(/<style[\s\S]*?<\/style>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
}

function clean(html) {
  const parsed = new DOMParser().parseFromString(withoutStyles(html), "text/html");
  const { body } = parsed;
  const walker = parsed.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  comments.forEach((comment) => comment.remove());
  const gone = "style, script, meta, link, title, button, nav, form, iframe, svg, img";
  body.querySelectorAll(gone).forEach((node) => node.remove());
  for (const node of [...body.querySelectorAll("*")]) {
    if (node.tagName.includes(":")) node.replaceWith(...node.childNodes); // <o:p>
  }
  mendWordLists(body);
  mendNotes(body);
  // Google Docs wraps everything into one <b> that is not bold, and says bold by style.
  for (const bold of body.querySelectorAll('b[data-style*="font-weight:normal" i]')) {
    bold.replaceWith(...bold.childNodes);
  }
  for (const span of body.querySelectorAll("span[data-style]")) {
    const style = span.getAttribute("data-style");
    const name = /font-weight:\s*(bold|[6-9]00)/i.test(style)
      ? "strong"
      : /font-style:\s*italic/i.test(style)
        ? "em"
        : "";
    if (!name || span.closest("h1, h2, h3, h4, a") || !span.textContent.trim()) continue;
    const marked = parsed.createElement(name);
    marked.append(...span.childNodes);
    span.replaceWith(marked);
  }
  // The title of a page is its own field: headings of the text begin one lower.
  if (body.querySelector("h1")) {
    for (const level of [5, 4, 3, 2, 1]) {
      for (const heading of body.querySelectorAll(`h${level}`)) {
        const lower = parsed.createElement(`h${level + 1}`);
        lower.append(...heading.childNodes);
        heading.replaceWith(lower);
      }
    }
  }
  for (const heading of body.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    for (const bold of heading.querySelectorAll("b, strong")) bold.replaceWith(...bold.childNodes);
  }
  // A table without a head, as Word makes them, has its first row as head.
  for (const table of body.querySelectorAll("table")) {
    table.querySelectorAll("td > p, th > p").forEach((p) => p.replaceWith(...p.childNodes));
    if (table.querySelector("th")) continue;
    for (const cell of [...(table.rows[0]?.cells ?? [])]) {
      const head = parsed.createElement("th");
      head.append(...cell.childNodes);
      cell.replaceWith(head);
    }
  }
  return body;
}

function converter() {
  const service = new Turndown({
    headingStyle: "atx",
    bulletListMarker: "-",
    emDelimiter: "*",
    codeBlockStyle: "fenced",
  });
  service.use(tables);
  // What stands in a text as a sign of the clinic's own format is meant as one.
  const escape = service.escape.bind(service);
  const ours = /(\[-?@[^\]]*\]|\[\^\d+\])/;
  service.escape = (text) =>
    text.split(ours).map((part, place) => (place % 2 ? part : escape(part))).join("");
  service.addRule("note", {
    filter: (node) => node.nodeName === "P" && /^\[\^\d+\]: /.test(node.textContent),
    replacement: (_content, node) => `\n\n${node.textContent}\n\n`,
  });
  service.addRule("reader's links only", {
    filter: (node) =>
      node.nodeName === "A" && !/^(https?:|mailto:|tel:)/i.test(node.getAttribute("href") ?? ""),
    replacement: (content) => content,
  });
  return service;
}

// The Markdown of a piece of HTML; pictures are left out, they are uploaded on their own.
export function toMarkdown(html) {
  const made = converter().turndown(clean(html));
  return made
    .replace(/\u00a0/g, " ")
    .replace(/^(\s*(?:-|\d+\.)) {2,}/gm, "$1 ")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

const SHAPED = /<(h[1-6]|li|table|strong|b|em|i|a)[\s>]|font-weight:\s*(bold|[6-9]00)|MsoListParagraph/i;

// Takes HTML from the clipboard; true if it was put into the text. What has no shape, such as the
// coloured lines of a code editor, is better pasted as the plain text it also is.
export function take(editor, clipboard) {
  const html = clipboard?.getData("text/html");
  if (!html || !SHAPED.test(html)) return false;
  const words = toMarkdown(html);
  if (!words) return false;
  editor.insert(words);
  return true;
}
