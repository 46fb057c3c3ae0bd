// Rows are dragged to their place: those of a list, which is saved at once, and those inside a
// form, where the buttons are made here in place of the number.

const words = document.querySelector("#order-script").dataset;
const EDGE = 60; // pixels from the edge of the screen where it scrolls

// Lets a row be dragged by its handle among `rows()`; tells `dropped` when its place is another.
function drag(handle, row, rows, dropped) {
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const before = rows();
    row.classList.add("is-dragged");
    const move = ({ clientY }) => {
      if (clientY < EDGE) scrollBy(0, -EDGE / 4);
      if (clientY > innerHeight - EDGE) scrollBy(0, EDGE / 4);
      const others = rows().filter((other) => other !== row);
      const below = others.find((other) => {
        const box = other.getBoundingClientRect();
        return clientY < box.top + box.height / 2;
      });
      if (below) {
        if (row.nextElementSibling !== below) below.before(row);
      } else if (rows().at(-1) !== row) others.at(-1)?.after(row);
    };
    const end = (last) => {
      for (const [kind, act] of Object.entries(listeners)) removeEventListener(kind, act, true);
      row.classList.remove("is-dragged");
      const now = rows();
      if (now.every((each, index) => each === before[index])) return;
      if (last.type === "pointerup") dropped(now.indexOf(row));
      else before.forEach((each, index) => index && before[index - 1].after(each));
    };
    const cancel = (key) => {
      if (key.key !== "Escape") return;
      key.preventDefault();
      end(key);
    };
    // Of the window: a row that is moved in the page loses what it has captured.
    const listeners = { pointermove: move, pointerup: end, pointercancel: end, keydown: cancel };
    for (const [kind, act] of Object.entries(listeners)) addEventListener(kind, act, true);
  });
}

function handleOf() {
  const handle = document.createElement("span");
  handle.className = "drag-handle";
  handle.setAttribute("aria-hidden", "true");
  handle.textContent = "⠿";
  return handle;
}

function list(table) {
  const rows = () => [...table.rows].filter((row) => row.querySelector(".moves"));
  const first = Number(rows()[0]?.querySelector(".moves").dataset.place);
  for (const row of rows()) {
    const moves = row.querySelector(".moves");
    const button = moves.querySelector("button");
    if (!button) continue; // it is alone
    const handle = handleOf();
    moves.prepend(handle);
    drag(handle, row, rows, (index) => {
      button.value = `${moves.dataset.row}:${first + index}`;
      button.click();
    });
  }
}

class Group {
  constructor(element) {
    this.element = element;
    this.status = document.createElement("p");
    this.status.className = "order-said";
    this.status.setAttribute("role", "status");
    element.append(this.status);
    this.rows().forEach((row) => this.equip(row));
    // A number that comes back with unsaved changes.
    element.addEventListener("change", ({ target }) => {
      if (target.name?.endsWith("-order") && !this.numbering) this.sort();
    });
    document.addEventListener("formset:added", ({ target }) => {
      if (!element.contains(target)) return;
      this.equip(target);
      this.number();
    });
  }

  rows() {
    return [...this.element.querySelectorAll(".inline-related:not(.empty-form)")];
  }

  input(row) {
    return row.querySelector("input[name$='-order']");
  }

  equip(row) {
    const input = this.input(row);
    if (!input) return;
    (input.closest(".fieldBox") ?? input.closest(".form-row")).hidden = true;
    row.querySelector(".moves")?.remove(); // copied from another row
    const moves = document.createElement("span");
    moves.className = "moves";
    const handle = handleOf();
    moves.append(handle, this.button(row, words.up, -1), this.button(row, words.down, 1));
    row.querySelector("h3").append(moves);
    drag(handle, row, () => this.rows(), () => this.moved(row));
  }

  button(row, label, step) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", () => {
      const rows = this.rows();
      const other = rows[rows.indexOf(row) + step];
      if (!other) return;
      if (step < 0) other.before(row);
      else other.after(row);
      made.focus();
      this.moved(row);
    });
    return made;
  }

  moved(row) {
    this.number();
    const rows = this.rows();
    this.status.textContent = words.said
      .replace("{place}", rows.indexOf(row) + 1)
      .replace("{count}", rows.length);
  }

  number() {
    this.numbering = true;
    this.rows().forEach((row, index) => {
      const input = this.input(row);
      const number = String(index + 1);
      if (input.value === number) return;
      input.value = number;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    this.numbering = false;
  }

  sort() {
    const place = (row) => Number(this.input(row).value);
    const sorted = this.rows().sort((one, other) => place(one) - place(other));
    sorted.forEach((row, index) => index && sorted[index - 1].after(row));
  }
}

const table = document.querySelector("#result_list");
if (table) list(table);
for (const group of document.querySelectorAll("[data-inline-type='stacked']")) {
  if (group.querySelector("input[name$='-order']")) new Group(group);
}
