// The booking form a group at a time. Without this script, and after an error, all groups show.
const form = document.querySelector("form[data-steps]");
const groups = [...(form?.querySelectorAll("[data-group]") ?? [])];
const end = form?.querySelector("[data-group-end]");

function button(label, style) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button ${style}`;
  made.textContent = label;
  return made;
}

function strips() {
  const list = document.querySelector(".steps");
  const first = list.firstElementChild;
  const items = groups.map((group) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = group.querySelector("h2").textContent;
    item.append(name);
    return item;
  });
  list.replaceChildren(first, ...items);
  return items;
}

function begin() {
  const items = strips();
  const words = document.querySelector(".step-words");
  const next = button(form.dataset.next, "");
  const back = button(form.dataset.back, "outline");
  const row = document.createElement("div");
  row.className = "actions";
  row.append(next, back);
  end.before(row);
  let at = 0;

  function show(step, { focus }) {
    at = step;
    const last = at === groups.length - 1;
    groups.forEach((group, index) => (group.hidden = index !== at));
    items.forEach((item, index) => {
      item.className = index < at ? "done" : "";
      if (index === at) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
    words.textContent = form.dataset.words
      .replace("{step}", at + 2)
      .replace("{total}", groups.length + 1);
    (last ? end.querySelector(".actions") : row).append(back);
    next.hidden = last;
    back.hidden = at === 0;
    end.hidden = !last;
    if (!focus) return;
    const head = groups[at].querySelector("h2");
    head.tabIndex = -1;
    head.focus();
    head.scrollIntoView({ block: "center" });
  }

  next.addEventListener("click", () => show(at + 1, { focus: true }));
  back.addEventListener("click", () => show(at - 1, { focus: true }));
  // Enter in a field goes on instead of sending a form that is not seen yet.
  form.addEventListener("submit", (event) => {
    if (at === groups.length - 1) return;
    event.preventDefault();
    show(at + 1, { focus: true });
  });
  show(0, { focus: false });
}

if (groups.length > 1 && end && !document.querySelector(".errors")) begin();
