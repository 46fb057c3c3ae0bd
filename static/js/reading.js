// Links to parts of a text: each heading gets one, a press copies it, and a fold opens when
// what is in it is linked. Before printing all of them open, where the style sheet cannot do it.
const COPIED_MS = 2500;
const body = document.querySelector("[data-copy]");
const said = document.createElement("p");
said.className = "copied";
said.setAttribute("role", "status");

function anchor(heading) {
  const link = document.createElement("a");
  link.className = "anchor";
  link.href = `#${heading.id}`;
  link.textContent = "#";
  link.setAttribute("aria-label", body.dataset.copy);
  heading.append(" ", link);
}

async function copy(link) {
  await navigator.clipboard.writeText(link.href);
  said.textContent = body.dataset.copied;
  setTimeout(() => (said.textContent = ""), COPIED_MS);
}

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const fold = target?.closest(".folds details");
  if (!fold || fold.open) return;
  fold.open = true;
  target.scrollIntoView();
}

if (body) {
  for (const heading of body.querySelectorAll(":is(h2, h3)[id]:not(.card-title)")) anchor(heading);
  document.body.append(said);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.anchor");
    if (link && navigator.clipboard) copy(link).catch(() => {});
  });
}
window.addEventListener("hashchange", reveal);
reveal();

const folds = [...document.querySelectorAll(".folds details")];
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = folds.filter((fold) => !fold.open);
  for (const fold of closed) fold.open = true;
});
window.addEventListener("afterprint", () => {
  for (const fold of closed) fold.open = false;
});
