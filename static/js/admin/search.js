// The list answers as one types: the page that the search would lead to is asked for, and its
// results take the place of those shown. Without this the button does the same.

const PAUSE = 250; // milliseconds after the last key

const form = document.querySelector("#changelist-search");
const field = form?.querySelector("#searchbar");
let waiting = 0;
let asked = null;

async function search() {
  asked?.abort();
  asked = new AbortController();
  const url = `${location.pathname}?${new URLSearchParams(new FormData(form))}`;
  try {
    const answer = await fetch(url, { signal: asked.signal, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [here, there] = [document, page].map((of) => of.querySelector("#changelist-form"));
    if (!here || !there) return;
    here.replaceChildren(...there.childNodes);
    history.replaceState(null, "", url);
  } catch (error) {
    if (error.name !== "AbortError") form.submit();
  }
}

field?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, PAUSE);
});
form?.addEventListener("submit", () => clearTimeout(waiting));
