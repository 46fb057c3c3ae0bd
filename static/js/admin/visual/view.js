// The visual editor over a textarea, which stays the field of the form: what is written here goes
// into it as Markdown, and what is written there by others comes here.

import {
  closeHistory,
  dropCursor,
  EditorState,
  EditorView,
  Fragment,
  gapCursor,
  history,
  inputRules,
  keymap,
  baseKeymap,
  Plugin,
  Slice,
  tableEditing,
  TextSelection,
  textblockTypeInputRule,
  wrappingInputRule,
  InputRule,
} from "../../../vendor/prosemirror.js";
import * as paste from "../paste.js";
import { nodeViews } from "./chips.js";
import { COMMANDS, insertBlock, isOn } from "./commands.js";
import { DIALOGS } from "./dialogs.js";
import { keysOf } from "./grammar.js";
import { KEYS } from "./keys.js";
import { menu } from "./popup.js";
import { read, readBlocks } from "./reading.js";
import { textOf } from "./saving.js";
import { schema } from "./schema.js";
import { write } from "./writing.js";

const { nodes } = schema;
// Pixels that the caret keeps from the edges of the window: the buttons are over the text there.
const ROOM = { top: 120, bottom: 24, left: 8, right: 8 };
const PAUSE = 150; // milliseconds without a key before the text is written into the field

// A paragraph at the end, so that one can write on behind a box or a table. It says nothing.
const roomAtTheEnd = new Plugin({
  appendTransaction(_transactions, _before, { doc, tr }) {
    if (doc.lastChild.type === nodes.paragraph) return null;
    return tr.insert(doc.content.size, nodes.paragraph.create()).setMeta("addToHistory", false);
  },
});

// What one types at the beginning of a line, as word processors take it.
const AS_TYPED = inputRules({
  rules: [
    wrappingInputRule(/^\s*[-*•]\s$/, nodes.bullet_list),
    wrappingInputRule(/^\s*(\d{1,4})[.)]\s$/, nodes.ordered_list, ([, start]) => ({ start: Number(start) })),
    wrappingInputRule(/^\s*[✓✔]\s$/, nodes.bullet_list, { marker: "", signs: "ticks", sign: "✓" }),
    wrappingInputRule(/^\s*[✗✘]\s$/, nodes.bullet_list, { marker: "", signs: "crosses", sign: "✗" }),
    textblockTypeInputRule(/^(##{1,3})\s$/, nodes.heading, ([, signs]) => ({ level: signs.length })),
  ],
});

export class Visual {
  constructor(editor, place) {
    this.editor = editor;
    this.text = editor.text;
    this.root = editor.root;
    this.words = JSON.parse(this.root.dataset.visual);
    this.sources = new Map(); // key → {label, more}
    this.origin = read(this.text.value);
    const [label] = this.text.labels;
    this.view = new EditorView(
      { mount: place },
      {
        state: this.stateOf(this.origin.doc),
        nodeViews: nodeViews(this),
        attributes: {
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": (label?.textContent ?? "").replace(/:\s*$/, ""),
          class: "visual-text",
        },
        dispatchTransaction: (transaction) => this.apply(transaction),
        handleDOMEvents: {
          paste: (view, event) => this.take(event, event.clipboardData),
          drop: (view, event) => this.drop(event),
        },
        handleDoubleClickOn: (_view, _pos, node) => this.openFor(node),
        handleKeyDown: (view, event) => {
          const { node } = view.state.selection;
          return event.key === "Enter" && node ? this.openFor(node) : false;
        },
        scrollMargin: ROOM,
        scrollThreshold: ROOM,
        clipboardTextSerializer: (slice) => wordsOf(slice),
      },
    );
    this.text.addEventListener("input", () => this.receive());
    label?.addEventListener("click", () => this.view.focus());
    addEventListener("submit", () => this.flush(), { capture: true });
    addEventListener("pagehide", () => this.flush(), { capture: true });
    this.view.dom.addEventListener("blur", () => this.flush());
  }

  stateOf(doc) {
    const { root } = this;
    const plugins = [
      menu({
        list: this.own("[data-suggestions]"),
        status: this.own("[data-told]"),
        entries: () => this.entries(),
        words: this.words,
      }),
      AS_TYPED,
      keymap({ ...KEYS, "Mod-k": () => this.open("link") }),
      keymap(baseKeymap),
      inputRules({ rules: [new InputRule(/\[@$/, (state, _match, start, end) => this.cite(state, start, end))] }),
      tableEditing(),
      history(),
      dropCursor({ class: "visual-drop", color: false }),
      gapCursor(),
      roomAtTheEnd,
    ];
    return EditorState.create({ doc, plugins });
  }

  // An element like that of the textarea, which closes its own when the text changes.
  own(selector) {
    const theirs = this.root.querySelector(selector);
    if (theirs.nextElementSibling?.matches("[data-own]")) return theirs.nextElementSibling;
    const mine = theirs.cloneNode();
    if (mine.id) mine.id += "_visual";
    for (const name of Object.keys(mine.dataset)) delete mine.dataset[name];
    mine.dataset.own = "";
    theirs.after(mine);
    return mine;
  }

  apply(transaction) {
    this.view.updateState(this.view.state.apply(transaction));
    if (transaction.docChanged) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush(), PAUSE);
    }
    this.editor.showPressed((name) => isOn(this.view.state, name));
  }

  // Writes what stands here into the field, and tells those who listen to it.
  flush() {
    clearTimeout(this.timer);
    if (this.text.hidden === false) return;
    const text = textOf(this.view.state.doc, this.origin);
    if (text === this.text.value) return;
    this.text.value = text;
    this.sent = text;
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Takes what others wrote into the field, such as unsaved changes that come back.
  receive() {
    if (!this.text.hidden || this.text.value === this.sent) return;
    this.sent = this.text.value;
    this.origin = read(this.text.value);
    const { state } = this.view;
    this.view.dispatch(state.tr.replaceWith(0, state.doc.content.size, this.origin.doc.content));
  }

  // As the text is now, when one comes from writing it.
  reload() {
    this.sent = undefined;
    if (this.text.value === this.origin.text && textOf(this.view.state.doc, this.origin) === this.text.value) return;
    this.origin = read(this.text.value);
    this.view.updateState(this.stateOf(this.origin.doc));
  }

  focus() {
    this.view.focus();
  }

  // -- what can be done -----------------------------------------------------------------------

  do(name) {
    if (DIALOGS[name]) return this.open(name);
    if (name === "menu") return this.openMenu();
    COMMANDS[name]?.(this.view.state, (transaction) => this.view.dispatch(transaction), this.view);
    return this.view.focus();
  }

  entries() {
    const can = (name) => DIALOGS[name] || COMMANDS[name]?.(this.view.state);
    return [...this.root.querySelectorAll("[data-menu] [data-do]")]
      .filter(({ dataset }) => can(dataset.do))
      .map(({ dataset, textContent }) => ({
        label: textContent,
        also: dataset.do.replace("box-", ""),
        keys: dataset.keys,
        run: () => this.do(dataset.do),
      }));
  }

  // Shows the menu where the caret is, as if one had typed its sign.
  openMenu() {
    const { state } = this.view;
    this.view.focus();
    const { $from } = state.selection;
    const before = $from.parent.textBetween(0, $from.parentOffset, null, " ");
    const sign = before && !/\s$/.test(before) ? " /" : "/";
    this.view.someProp("handleTextInput", (handle) => handle(this.view, $from.pos, $from.pos, "/"));
    this.view.dispatch(state.tr.setSelection(TextSelection.near(state.doc.resolve(state.selection.to))).insertText(sign));
  }

  open(name, node) {
    DIALOGS[name](this, node ?? null);
    return true;
  }

  openFor(node) {
    const name = { picture: "image", booking: "booking", cite: "citation" }[node.type.name];
    return name ? this.open(name, node) : false;
  }

  cite(state, start, end) {
    if (!this.root.dataset.references) return null;
    setTimeout(() => this.open("citation"));
    return state.tr.delete(start, end);
  }

  // Puts a node in the place of what is selected: the one that is changed, or at the caret.
  put(node, old) {
    const { state } = this.view;
    let place = null;
    if (old) state.doc.descendants((each, pos) => {
      if (each === old) place = pos;
    });
    if (place !== null) {
      this.view.dispatch(state.tr.replaceWith(place, place + old.nodeSize, node ?? []));
    } else if (node?.isInline) {
      this.view.dispatch(state.tr.replaceSelectionWith(node, false).scrollIntoView());
    } else if (node) {
      insertBlock(node)(state, (transaction) => this.view.dispatch(transaction));
    }
    this.view.focus();
  }

  // The line of the text that a remark is about: its block is selected.
  jump(line) {
    this.flush();
    const { blocks, gaps } = read(this.text.value);
    let passed = 0;
    let place = 0;
    while (place < blocks.length - 1) {
      passed += (gaps[place] + blocks[place].source).split("\n").length - 1;
      if (passed >= line - 1) break;
      place += 1;
    }
    let at = 0;
    let pos = 0;
    this.view.state.doc.forEach((node, offset) => {
      if (at === place && pos === 0) pos = offset + 1;
      if (node.type !== nodes.paragraph || node.content.size) at += 1;
    });
    const { doc, tr } = this.view.state;
    const goal = TextSelection.near(doc.resolve(Math.min(pos, doc.content.size)));
    this.view.dispatch(tr.setSelection(goal).scrollIntoView());
    this.view.focus();
  }

  // -- what comes from outside ----------------------------------------------------------------

  take(event, clipboard) {
    const pictures = [...(clipboard?.files ?? [])].filter(paste.isPicture);
    const html = clipboard?.getData("text/html") ?? "";
    if (html.includes("data-pm-slice")) return false; // from here: ProseMirror knows what it is
    event.preventDefault();
    this.flush();
    if (paste.take(this.editor, clipboard)) return true;
    if (pictures.length && this.editor.file) this.editor.upload(pictures);
    else this.view.dispatch(closeHistory(this.view.state.tr).insertText(clipboard?.getData("text/plain") ?? ""));
    return true;
  }

  // Puts in what was pasted; returns whether it is still all that happened, and how to undo it.
  paste(markdown) {
    this.insert(markdown);
    const { doc } = this.view.state;
    const undo = () => this.do("undo");
    return { isThere: () => this.view.state.doc === doc, undo, select: undo };
  }

  drop(event) {
    const { dataTransfer } = event;
    if (this.view.dragging) return false;
    event.preventDefault();
    const at = this.view.posAtCoords({ left: event.clientX, top: event.clientY });
    const { state } = this.view;
    if (at) this.view.dispatch(state.tr.setSelection(TextSelection.near(state.doc.resolve(at.pos))));
    return this.take(event, dataTransfer);
  }

  // Puts a piece of text in the writing format here, as one step that can be undone.
  insert(text) {
    const { state } = this.view;
    const { $from } = state.selection;
    if (!text) return;
    if ($from.parent.type === nodes.as_text) {
      this.view.dispatch(closeHistory(state.tr).insertText(text).scrollIntoView());
      return;
    }
    const blocks = readBlocks(text);
    const isParagraph = (node) => Number(node?.type === nodes.paragraph);
    const slice = new Slice(Fragment.from(blocks), isParagraph(blocks[0]), isParagraph(blocks.at(-1)));
    this.view.dispatch(closeHistory(state.tr).replaceSelection(slice).scrollIntoView());
  }

  // -- names of what is shown -----------------------------------------------------------------

  // Calls `show` with the short name of a citation's sources and their titles, once they are known.
  nameSources(source, show) {
    const keys = keysOf(source);
    const said = () => {
      const names = keys.map((key) => this.sources.get(key));
      show(names.map((name, place) => name?.label ?? keys[place]).join("; ") || source, names.map((name) => name?.more ?? "").join("\n"));
    };
    said();
    const missing = keys.filter((key) => !this.sources.has(key));
    if (!missing.length) return;
    this.wanted = [...(this.wanted ?? []), { missing, said }];
    this.asking ??= setTimeout(() => this.askNames());
  }

  async askNames() {
    const wanted = this.wanted;
    [this.wanted, this.asking] = [[], undefined];
    const keys = [...new Set(wanted.flatMap(({ missing }) => missing))];
    const found = await this.find("references", { keys: keys.join(" ") });
    for (const row of found) this.sources.set(row.value, row);
    for (const { said } of wanted) said();
  }

  // Rows of the site's own lists: references, pages, pictures.
  async find(list, query) {
    const url = this.root.dataset[list];
    if (!url) return [];
    const response = await fetch(`${url}?${new URLSearchParams(query)}`, { redirect: "manual" });
    return response.ok ? (await response.json()).found : [];
  }

  addressOf(src) {
    return src.replace(/^\/media\//, this.root.dataset.media);
  }
}

// What is copied, for those who take no HTML.
function wordsOf({ content }) {
  const texts = content.children.map((node) => {
    if (node.isInline) return node.textContent;
    return node.type.isInGroup("block") || node.type === nodes.as_text ? write(node) : node.textBetween(0, node.content.size, "\n\n");
  });
  return texts.join(content.firstChild?.isInline ? "" : "\n\n");
}

