// Names to choose from while one types: `[@` sources of the library, `article:` and others pages.
// A listbox at the caret; the focus stays in the text, and the arrows, Enter and Escape work as in
// the combobox pattern of the WAI-ARIA Authoring Practices. HTML gives a textarea no role but its
// own, which has no "expanded": a status says how many names there are.

import { boxOf } from "./caret.js";

const SOURCE = /\[(?:[^\]\n]*;\s*)?-?@([\w.-]*)$/;
const PAGE = /(?:\]\(|(?<![\w(]))(article|page|service|practitioner|location):([\w-]*)$/;
const PAUSE = 150; // milliseconds
const GAP = 4; // pixels between the line, the list and the edge of the window

// Puts the list under the line in which one types, or over it where there is more room; it begins
// at the sign that asked for it, and stays within the text sideways.
function place(list, text, index) {
  const sign = boxOf(text, index);
  const field = text.getBoundingClientRect();
  const ground = list.offsetParent.getBoundingClientRect();
  const above = sign.top - 2 * GAP;
  const below = document.documentElement.clientHeight - sign.bottom - 2 * GAP;
  list.style.maxBlockSize = "";
  const isBelow = list.offsetHeight <= below || below >= above;
  const height = Math.min(list.offsetHeight, isBelow ? below : above);
  const top = isBelow ? sign.bottom + GAP : sign.top - GAP - height;
  const left = Math.max(Math.min(sign.left, field.right - list.offsetWidth), field.left);
  list.style.maxBlockSize = `${height}px`;
  list.style.top = `${top - ground.top}px`;
  list.style.left = `${left - ground.left}px`;
}

export function attach(editor) {
  const desk = document.querySelector("[data-desk]");
  const list = editor.root.querySelector("[data-suggestions]");
  if (!desk || !list) return;
  const status = editor.root.querySelector("[data-told]");
  const { text } = editor;
  let found = null; // {rows, match, source}
  let chosen = 0;
  let asked = 0;
  let timer;

  const close = () => {
    found = null;
    list.hidden = true;
    list.replaceChildren();
    status.textContent = "";
    text.removeAttribute("aria-activedescendant");
  };

  const mark = () => {
    const options = [...list.children];
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    const option = options[chosen];
    text.setAttribute("aria-activedescendant", option.id);
    // Within the list alone: the page stays where it is.
    const end = option.offsetTop + option.offsetHeight - list.clientHeight;
    list.scrollTop = Math.min(Math.max(list.scrollTop, end), option.offsetTop);
  };

  const put = (row) => {
    const { source } = found;
    const entry = found.rows[row];
    const end = text.selectionStart;
    // What stands there now: one may have typed on since these names were asked for.
    const match = text.value.slice(0, end).match(source ? SOURCE : PAGE);
    if (!match) return close();
    const typed = match.at(-1);
    let start = end - typed.length;
    let words = entry.value;
    if (source) {
      if (text.value[end] !== "]") words += "]";
    } else if (!match[0].startsWith("](")) {
      start -= match[1].length + 1; // not yet a link: make it one
      words = `[${entry.label}](${match[1]}:${entry.value})`;
    } else if (text.value[end] !== ")") {
      words += ")";
    }
    text.setSelectionRange(start, end);
    close();
    editor.insert(words);
  };

  const stand = () => {
    if (found) place(list, text, text.selectionStart - found.match.at(-1).length - 1);
  };

  const show = (rows, match, source) => {
    if (!rows.length) return close();
    found = { rows, match, source };
    chosen = 0;
    list.replaceChildren(
      ...rows.map((row, at) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${at}`;
        option.role = "option";
        const name = document.createElement("b");
        name.textContent = row.label || row.value;
        option.append(name, ` ${row.more || row.value}`);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          put(at);
        });
        return option;
      }),
    );
    list.hidden = false;
    status.textContent = editor.root.dataset.suggested.replace("{count}", rows.length);
    stand();
    mark();
  };

  const look = async () => {
    const before = text.value.slice(0, text.selectionStart);
    const source = before.match(SOURCE);
    const page = source ? null : before.match(PAGE);
    const match = source ?? page;
    const number = ++asked;
    if (!match || text.selectionStart !== text.selectionEnd) return close();
    const query = new URLSearchParams({ q: match.at(-1), kind: page?.[1] ?? "" });
    try {
      const url = source ? desk.dataset.references : desk.dataset.pages;
      const response = await fetch(`${url}?${query}`, { redirect: "manual" });
      if (number === asked && response.ok) show((await response.json()).found, match, source);
    } catch {
      close(); // no names to offer: one types on
    }
  };

  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-haspopup", "listbox");
  text.setAttribute("aria-controls", list.id);
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  text.addEventListener("blur", close);
  text.addEventListener("scroll", close);
  addEventListener("resize", stand); // as when a keyboard comes up on the screen
  text.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      chosen = (chosen + steps[event.key] + found.rows.length) % found.rows.length;
      mark();
    } else if (event.key === "Enter") {
      put(chosen);
    } else if (event.key === "Escape") {
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
}
