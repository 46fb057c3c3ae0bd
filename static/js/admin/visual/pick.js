// A dialog with fields and, above them, a search of the site: its pages, sources or pictures.
// The search is a combobox with a list of its own (WAI-ARIA Authoring Practices).

const PAUSE = 150; // milliseconds
let number = 0;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Asks, and returns what the fields then hold by their names, or null. `fields`: {name, label,
// value, required, rows}. `search`: {label, find(words) → rows of {label, more, image}, take(row,
// fields)}. `words`: {save, cancel, found}. `extra`: buttons that close with their own answer.
export function pick({ title, fields, search, words, extra = [] }) {
  const back = document.activeElement;
  const dialog = element("dialog", { class: "editor-ask", "aria-label": title });
  const form = element("form", { method: "dialog" });
  const inputs = Object.fromEntries(fields.map((field) => [field.name, input(field)]));
  form.append(element("p", { class: "editor-ask-title" }, title));
  if (search) form.append(...searchPart(search, inputs, words));
  fields.forEach((field) => form.append(element("label", {}, field.label, inputs[field.name])));
  const answers = element("p", { class: "editor-ask-answers" });
  const button = (label, type, kind = "") => {
    const made = element("button", { type, class: `button ${kind}` }, label);
    answers.append(made, " ");
    return made;
  };
  button(words.save, "submit", "default").value = "save";
  let answer = null;
  for (const { label, value } of extra) {
    button(label, "button").addEventListener("click", () => {
      answer = value;
      dialog.close();
    });
  }
  button(words.cancel, "button").addEventListener("click", () => dialog.close());
  form.append(answers);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const given = Object.entries(inputs).map(([name, field]) => [name, field.value.trim()]);
      dialog.remove();
      back?.focus?.();
      resolve(dialog.returnValue === "save" ? Object.fromEntries(given) : answer);
    });
  });
}

function input({ value = "", required = false, rows, longest }) {
  const made = element(rows ? "textarea" : "input", rows ? { rows } : { type: "text" });
  made.value = value;
  made.required = required;
  if (longest) made.maxLength = longest;
  return made;
}

function searchPart({ label, find, take }, inputs, { found }) {
  const id = `pick-${(number += 1)}`;
  const field = element("input", {
    type: "text",
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": id,
  });
  const list = element("ul", { role: "listbox", id, class: "pick-list", "aria-label": label });
  const status = element("p", { class: "visually-hidden", role: "status" });
  let rows = [];
  let chosen = -1;
  let asked = 0;
  let timer;
  const mark = () => {
    [...list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === chosen));
      if (place === chosen) option.scrollIntoView({ block: "nearest" });
    });
    if (chosen < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", `${id}-${chosen}`);
  };
  const choose = (place) => {
    chosen = place;
    mark();
    take(rows[place], inputs);
    status.textContent = rows[place].label;
  };
  const show = (next) => {
    rows = next;
    chosen = -1;
    list.replaceChildren(...rows.map((row, place) => optionOf(row, `${id}-${place}`, () => choose(place))));
    field.setAttribute("aria-expanded", String(rows.length > 0));
    status.textContent = found.replace("{count}", rows.length);
    mark();
  };
  const look = async () => {
    const mine = (asked += 1);
    const next = await find(field.value).catch(() => []);
    if (mine === asked) show(next);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && rows.length) {
      chosen = (chosen + step + rows.length) % rows.length;
      mark();
    } else if (event.key === "Enter") {
      // In the search Enter takes what is marked, or what is first; it does not send the form.
      if (rows.length) choose(Math.max(chosen, 0));
    } else {
      return;
    }
    event.preventDefault();
  });
  look();
  return [element("label", {}, label, field), list, status];
}

function optionOf({ label, more, image }, id, choose) {
  const option = element("li", { role: "option", id, "aria-selected": "false" });
  if (image) option.append(element("img", { src: image, alt: "", loading: "lazy" }));
  option.append(element("b", {}, label));
  if (more) option.append(` ${more}`);
  option.addEventListener("click", choose);
  return option;
}
