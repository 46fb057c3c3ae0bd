// Names to choose from while one types: `[@` sources of the library, `article:` and others pages.
// A listbox under the text; the focus stays in the text (WAI-ARIA combobox pattern).

const SOURCE = /\[(?:[^\]\n]*;\s*)?-?@([\w.-]*)$/;
const PAGE = /(?:\]\(|(?<![\w(]))(article|page|service|practitioner|location):([\w-]*)$/;
const PAUSE = 150; // milliseconds

export function attach(editor) {
  const desk = document.querySelector("[data-desk]");
  const list = editor.root.querySelector("[data-suggestions]");
  if (!desk || !list) return;
  const { text } = editor;
  let found = [];
  let chosen = 0;
  let asked = 0;
  let timer;

  const close = () => {
    found = [];
    list.hidden = true;
    list.replaceChildren();
    text.removeAttribute("aria-activedescendant");
    text.setAttribute("aria-expanded", "false");
  };

  const mark = () => {
    [...list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === chosen));
    });
    text.setAttribute("aria-activedescendant", list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  };

  const put = (place) => {
    const { match, source } = found;
    const entry = found.rows[place];
    const end = text.selectionStart;
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

  const show = (rows, match, source) => {
    if (!rows.length) return close();
    found = { rows, match, source };
    chosen = 0;
    list.replaceChildren(
      ...rows.map((row, place) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${place}`;
        option.role = "option";
        const name = document.createElement("b");
        name.textContent = row.label || row.value;
        option.append(name, ` ${row.more || row.value}`);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          put(place);
        });
        return option;
      }),
    );
    list.hidden = false;
    text.setAttribute("aria-expanded", "true");
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
  text.setAttribute("aria-controls", list.id);
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  text.addEventListener("blur", close);
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
