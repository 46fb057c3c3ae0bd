// Ctrl+K opens the search over the page, unless one is writing; without scripts it is a link.

const PAUSE = 250; // milliseconds after a key
const WRITING = "input, textarea, select, [contenteditable='true'], [contenteditable=''], dialog";
const link = document.querySelector("#desk-search-link");

function opened() {
  const dialog = document.createElement("dialog");
  dialog.className = "desk-find";
  dialog.setAttribute("aria-label", link.textContent);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

async function page(query) {
  const answer = await fetch(`${link.pathname}?${new URLSearchParams({ q: query })}`);
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function search() {
  let empty;
  try {
    empty = await page("");
  } catch {
    location.assign(link.href);
    return;
  }
  const form = empty.querySelector("form.desk-search");
  if (!form) return location.assign(link.href); // signed out: it asks to sign in
  const dialog = opened();
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button";
  close.textContent = link.dataset.close;
  close.addEventListener("click", () => dialog.close());
  // What was found is said in one sentence; the lists below it are read one by one.
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  const found = document.createElement("div");
  form.action = link.pathname;
  form.append(close);
  dialog.append(form, said, found);
  form.elements.q.focus();
  let waiting;
  let newest = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const asked = ++newest;
      try {
        const shown = (await page(form.elements.q.value)).querySelector("#found");
        if (asked !== newest) return;
        said.textContent = shown.querySelector(":scope > p")?.textContent ?? "";
        found.replaceChildren(shown.querySelector(".panels"));
      } catch {
        // Enter opens the page, which says what is wrong.
      }
    }, PAUSE);
  });
}

document.addEventListener("keydown", (event) => {
  const isAsked = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (!link || !isAsked || event.key.toLowerCase() !== "k" || event.defaultPrevented) return;
  if (event.target.closest(WRITING)) return;
  event.preventDefault();
  search();
});
