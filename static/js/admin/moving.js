// Looks from time to time how far an import has come, and shows it. Without it, Reload does.

const PAUSE = 2000; // milliseconds

async function look() {
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [next, here] = [page, document].map((each) => each.querySelector("[data-moving]"));
  if (!next || next.dataset.state !== here.dataset.state) location.reload();
  const [label, bar] = ["label", "progress"].map((name) => here.querySelector(name));
  if (!next || !bar || !next.querySelector("progress")) return;
  label.textContent = next.querySelector("label").textContent;
  bar.value = next.querySelector("progress").value;
}

setInterval(look, PAUSE);
