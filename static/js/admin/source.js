// The form of a source: the printed line follows the fields, fields of other kinds are hidden, and
// rows for people are added. Without this the line is that of the saved source, and all fields show.

const PAUSE = 300; // milliseconds after the last key

const line = document.querySelector("[data-printed]");
const form = line?.closest("form");
const kind = form?.querySelector("[name=source_type]");
const people = form?.querySelector("[data-people]");
let waiting = 0;
let asked = null;

async function print() {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(line.dataset.printed, {
      method: "POST",
      body: new FormData(form),
      signal: asked.signal,
      credentials: "same-origin",
    });
    if (answer.ok && !answer.redirected) line.textContent = (await answer.json()).line || "–";
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

function showFieldsOfKind() {
  for (const field of form.querySelectorAll("[data-kinds]")) {
    const kinds = field.dataset.kinds;
    const used = !kinds || kinds.split(" ").includes(kind.value) || field.value;
    field.closest(".form-row").hidden = !used;
  }
}

function addRow() {
  const rows = people.querySelector("tbody");
  const row = rows.lastElementChild.cloneNode(true);
  for (const input of row.querySelectorAll("input")) input.value = "";
  rows.append(row);
  row.querySelector("input").focus();
}

if (form && kind) {
  form.addEventListener("input", (event) => {
    if (event.target.name === "paste") return;
    clearTimeout(waiting);
    waiting = setTimeout(print, PAUSE);
  });
  kind.addEventListener("change", showFieldsOfKind);
  showFieldsOfKind();
}
if (people) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = people.dataset.add;
  button.addEventListener("click", addRow);
  people.append(button);
}
