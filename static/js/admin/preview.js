// The preview of the whole page beside the text: as it looks on a phone or on a desktop, at the place
// where one writes. The site makes it from the fields of the form; nothing is saved.

const DESKTOP = 1280; // pixels of the window that is shown smaller
const SIZE = "preview-size";
const SETTLED = 120; // milliseconds without a move of the caret
const ENOUGH = 60; // letters that tell a passage from others

// Where the words of a field are on the page.
const PLACES = [
  [/^id_body$/, ".text > .body"],
  [/^id_takeaways$/, ".takeaways"],
  [/^id_questions-/, "#questions"],
  [/^id_(title|summary)$/, ".page-head"],
];
const BLOCKS = "h1, h2, h3, h4, p, li, summary, th, td, figcaption, img";

const letters = (words) => words.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

function remembered() {
  try {
    return localStorage.getItem(SIZE) ?? "phone";
  } catch {
    return "phone";
  }
}

export class Preview {
  constructor(editor) {
    const { root, text, frame } = editor;
    this.editor = editor;
    this.frame = frame;
    this.room = frame.parentElement;
    this.pane = root.querySelector("[data-preview]");
    this.form = text.form;
    for (const button of root.querySelectorAll("[data-size]")) {
      button.addEventListener("click", () => this.size(button.dataset.size));
    }
    this.size(remembered());
    new ResizeObserver(() => this.fit()).observe(this.room);
    for (const event of ["input", "change"]) this.form.addEventListener(event, () => editor.later());
    // Lists that search tell of a choice by events of their own library alone.
    window.django?.jQuery(this.form).on("change", "select", () => editor.later());
    document.addEventListener("selectionchange", () => this.moved());
    this.form.addEventListener("focusin", () => this.moved());
  }

  fields() {
    return new FormData(this.form);
  }

  size(name) {
    this.pane.dataset.width = name;
    for (const button of this.pane.querySelectorAll("[data-size]")) {
      button.setAttribute("aria-pressed", String(button.dataset.size === name));
    }
    try {
      localStorage.setItem(SIZE, name);
    } catch {
      // Then it is chosen again next time.
    }
    this.fit();
    this.follow();
  }

  // A desktop's window is wider than there is room: it is shown smaller.
  fit() {
    const { style } = this.frame;
    const { clientWidth: width, clientHeight: height } = this.room;
    const isDesktop = this.pane.dataset.width === "desktop" && width > 0;
    const share = isDesktop ? Math.min(1, width / DESKTOP) : 1;
    style.inlineSize = share < 1 ? `${DESKTOP}px` : "";
    style.blockSize = share < 1 ? `${Math.round(height / share)}px` : "";
    style.transform = share < 1 ? `scale(${share})` : "";
  }

  // Puts the page that the site made in the place of the one before.
  show(html) {
    const { contentDocument: page, contentWindow: there } = this.frame;
    const made = new DOMParser().parseFromString(html, "text/html").querySelector("main");
    const place = page?.querySelector("main");
    if (!made || !place) return;
    const { scrollY } = there;
    const names = (each) => each.querySelector("summary")?.textContent;
    const open = [...place.querySelectorAll("details[open]")].map(names);
    for (const each of made.querySelectorAll("details")) each.open ||= open.includes(names(each));
    place.replaceWith(page.adoptNode(made));
    there.scrollTo(0, scrollY);
    this.follow();
  }

  moved() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.follow(), SETTLED);
  }

  // Shows the passage of the page in which the caret is.
  follow() {
    this.here = this.written() ?? this.here;
    const page = this.frame.contentDocument;
    const main = page?.querySelector("main");
    if (!main || !this.here) return;
    const found = passage(main, this.here);
    if (!found) return;
    found.closest("details")?.setAttribute("open", "");
    // What of the frame is in the window, if any is: the page may be scrolled.
    const view = this.frame.contentWindow;
    const frame = this.frame.getBoundingClientRect();
    const share = frame.height / view.innerHeight || 1;
    const isSeen = frame.top < innerHeight && frame.bottom > 0;
    const from = isSeen ? Math.max(0, -frame.top) / share : 0;
    const to = isSeen ? Math.min(frame.height, innerHeight - frame.top) / share : view.innerHeight;
    const { top, bottom } = found.getBoundingClientRect();
    if (top >= from && bottom <= to) return;
    view.scrollBy(0, top - from - (to - from) / 3);
  }

  // The field in which one writes, the words around the caret, and how far down they are (0 to 1).
  written() {
    const focus = document.activeElement;
    if (!this.form.contains(focus)) return null;
    const visual = focus.closest(".visual-text");
    const field = visual ? visual.closest("[data-editor]").querySelector("textarea") : focus;
    if (!field.id || !PLACES.some(([name]) => name.test(field.id))) return null;
    const said = visual ? ofBlock(visual) : ofLine(field);
    return said && { id: field.id, ...said };
  }
}

function ofBlock(visual) {
  const { anchorNode } = getSelection();
  const start = anchorNode?.nodeType === Node.TEXT_NODE ? anchorNode.parentElement : anchorNode;
  const block = start?.closest?.("p, h1, h2, h3, h4, li, td, th, pre, figure, section") ?? null;
  if (!block || !visual.contains(block) || block === visual) return null;
  const parts = [""];
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    // What a chip says is not what the page says.
    if (node.parentElement.closest(".visual-cite, .visual-noteref, [contenteditable=false]")) parts.push("");
    else parts.push(parts.pop() + node.data);
  }
  const above = block.getBoundingClientRect().top - visual.getBoundingClientRect().top;
  return { words: longest(parts), share: above / Math.max(visual.scrollHeight, 1) };
}

function ofLine(field) {
  const { value, selectionStart: at } = field;
  if (typeof at !== "number") return null;
  const start = value.lastIndexOf("\n", at - 1) + 1;
  const line = value.slice(start).split("\n", 1)[0];
  const parts = line.split(/\]\([^)]*\)|\[[@^][^\]]*\]|^!!! \w+|\|/);
  return { words: longest(parts), share: start / Math.max(value.length, 1) };
}

const longest = (parts) => parts.map(letters).reduce((best, part) => (part.length > best.length ? part : best), "");

// The smallest element of the page with these words; of several the one that is as far down.
function passage(main, { id, words, share }) {
  const [, selector] = PLACES.find(([name]) => name.test(id));
  const places = [...main.querySelectorAll(selector)];
  const wanted = words.slice(0, ENOUGH);
  if (!wanted) return null;
  const blocks = places.flatMap((place) => [...place.querySelectorAll(BLOCKS)]);
  const found = blocks
    .map((block, order) => ({ block, order, said: letters(block.alt ?? block.textContent) }))
    .filter(({ block, said }) => said.includes(wanted) && !block.querySelector("li"));
  const distance = ({ order }) => Math.abs(order / Math.max(blocks.length, 1) - share);
  return found.sort((one, other) => distance(one) - distance(other))[0]?.block ?? null;
}
