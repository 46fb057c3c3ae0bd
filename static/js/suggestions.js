// Pages that fit what is typed into the search of the site: the combobox pattern of the WAI-ARIA
// Authoring Practices. The focus stays in the field; the arrows choose, Enter opens the page that is
// chosen or else searches, Escape closes the list. Without this the form searches all the same.
const PAUSE = 200; // milliseconds without a key
const SHORTEST = 2; // characters, as in clinic/finding/views.py

function element(name, attributes) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function suggest(form, number) {
  const field = form.querySelector("input");
  const id = `suggestions-${number}`;
  const list = element("ul", { id, role: "listbox", "aria-label": form.dataset.label, class: "suggestions plain" });
  const status = element("p", { role: "status", class: "visually-hidden" });
  let timer = 0;
  let asked = null;
  let chosen = -1;

  list.hidden = true;
  form.append(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": id,
    "aria-expanded": "false",
  })) field.setAttribute(name, value);

  function close() {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function choose(index) {
    chosen = index;
    field.removeAttribute("aria-activedescendant");
    for (const [place, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(place === index));
      if (place === index) {
        field.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    }
  }

  function show(results) {
    list.replaceChildren(
      ...results.map(({ title, kind, url }, place) => {
        const option = element("li", { id: `${id}-${place}`, role: "option", "aria-selected": "false" });
        const said = element("span", { class: "small" });
        said.textContent = kind;
        option.append(element("b", {}), said);
        option.firstChild.textContent = title;
        option.dataset.url = url;
        return option;
      }),
    );
    const count = results.length;
    status.textContent = count === 1 ? form.dataset.one : form.dataset.many.replace("{count}", String(count));
    list.hidden = !count;
    field.setAttribute("aria-expanded", String(count > 0));
    choose(-1);
  }

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    const typed = field.value.trim();
    try {
      const answer = await fetch(`${form.dataset.suggestions}?q=${encodeURIComponent(typed)}`, { signal });
      const { results } = await answer.json();
      if (!signal.aborted && field.value.trim() === typed && document.activeElement === field) show(results);
    } catch {
      // No answer, or not asked any more: the form works without.
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (field.value.trim().length < SHORTEST) close();
    else timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    const count = list.children.length;
    if (event.key === "ArrowDown") choose(chosen + 1 < count ? chosen + 1 : -1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? count - 1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) location.assign(list.children[chosen].dataset.url);
    else if (event.key === "Escape") {
      event.stopPropagation(); // the search of the header stays open
      close();
    } else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the focus stays in the field
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
}

for (const [number, form] of document.querySelectorAll("form[data-suggestions]").entries()) suggest(form, number);
