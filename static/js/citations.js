// A citation shows its source where it stands. What it shows is the entry of the source list, so
// nothing is fetched; without this script the link leads to the list, which leads back.
const HOVER_MS = 250;
const GAP = 8;
const EDGE = 20;

const list = document.getElementById("sources");
const panel = document.createElement("div");
panel.className = "source-pop";
panel.id = "source-pop";
panel.popover = "auto"; // closes on Escape and on a press outside; one is open at a time
panel.setAttribute("role", "dialog");
panel.setAttribute("aria-labelledby", "source-pop-name");

let opener = null;
let returning = false; // focus goes back to the citation, which is no wish to open it again
let timer = 0;

// The entries of a link: of "3–5" three of them.
function entriesOf(link) {
  const first = Number(link.hash.replace("#ref-", ""));
  const last = Number(link.dataset.last || first);
  const numbers = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  return numbers.map((number) => document.getElementById(`ref-${number}`)).filter(Boolean);
}

function nameOf(entry) {
  return entry.dataset.name || entry.querySelector(".number")?.textContent || "";
}

// What the source found comes before where it is printed; whether it still stands before both.
const PARTS = [".cite-status", "p.plain", ".entry", ".source-links", ".study"];

function partsOf(entry) {
  return PARTS.flatMap((part) => [...entry.querySelectorAll(part)]).map((part) =>
    part.cloneNode(true),
  );
}

function fill(entries) {
  const head = document.createElement("div");
  head.className = "pop-head";
  const name = document.createElement("span");
  name.id = "source-pop-name";
  name.textContent = entries.map(nameOf).join("; ");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.setAttribute("aria-label", list.dataset.close);
  close.append(sign());
  close.addEventListener("click", () => panel.hidePopover());
  head.append(name, close);
  const parts = entries.flatMap(partsOf);
  for (const part of parts) part.querySelectorAll(".back").forEach((back) => back.remove());
  panel.replaceChildren(head, ...parts);
}

function sign() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("class", "sign");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M8 8L24 24M24 8L8 24");
  svg.append(path);
  return svg;
}

function place(link) {
  const at = link.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  const left = Math.max(EDGE, Math.min(at.left - EDGE, room - panel.offsetWidth - EDGE));
  const below = at.bottom + GAP;
  const above = at.top - GAP - panel.offsetHeight;
  const top = below + panel.offsetHeight > window.innerHeight && above > 0 ? above : below;
  panel.style.left = `${left + window.scrollX}px`;
  panel.style.top = `${top + window.scrollY}px`;
}

function show(link, { focus }) {
  const entries = entriesOf(link);
  if (!entries.length) return;
  clearTimeout(timer);
  if (opener !== link || !panel.matches(":popover-open")) {
    if (panel.matches(":popover-open")) panel.hidePopover();
    opener?.setAttribute("aria-expanded", "false");
    fill(entries);
    link.after(panel); // so that Tab goes on from the citation into the panel
    panel.showPopover();
    place(link);
    opener = link;
    link.setAttribute("aria-expanded", "true");
  }
  if (focus) panel.querySelector(".close").focus();
}

panel.addEventListener("toggle", (event) => {
  if (event.newState !== "closed" || !opener || panel.matches(":popover-open")) return;
  const held = panel.contains(document.activeElement) || document.activeElement === document.body;
  opener.setAttribute("aria-expanded", "false");
  if (held) {
    returning = true;
    opener.focus({ preventScroll: true });
    returning = false;
  }
  opener = null;
});

function later(action) {
  clearTimeout(timer);
  timer = setTimeout(action, HOVER_MS);
}

if (list && Object.hasOwn(HTMLElement.prototype, "popover")) {
  const mouse = window.matchMedia("(hover: hover) and (pointer: fine)");
  for (const link of document.querySelectorAll("a.cite[href^='#']")) {
    link.setAttribute("aria-expanded", "false");
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || !entriesOf(link).length) return;
      event.preventDefault();
      show(link, { focus: true });
    });
    link.addEventListener("focus", () => {
      if (!returning && link.matches(":focus-visible")) later(() => show(link, { focus: false }));
    });
    link.addEventListener("blur", () => clearTimeout(timer));
    link.addEventListener("pointerenter", () => {
      if (mouse.matches) later(() => show(link, { focus: false }));
    });
    link.addEventListener("pointerleave", () => leave());
  }
  window.addEventListener("resize", () => opener && place(opener)); // a phone is turned
  panel.addEventListener("pointerenter", () => clearTimeout(timer));
  panel.addEventListener("pointerleave", () => leave());
  // Tabbing past the end of the panel closes it: there is no focus trap.
  document.addEventListener("focusin", ({ target }) => {
    if (opener && target !== opener && !panel.contains(target)) panel.hidePopover();
  });
}

function leave() {
  if (!mouseOpened()) clearTimeout(timer);
  else later(() => panel.matches(":popover-open") && panel.hidePopover());
}

// Opened by hovering, focus stays in the text; opened by a press, it moves into the panel.
function mouseOpened() {
  return panel.matches(":popover-open") && !panel.contains(document.activeElement);
}
