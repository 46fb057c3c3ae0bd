// Marks the section being read in the contents: the last heading above the upper third.
const list = document.querySelector("[data-contents]");
const links = new Map();

for (const link of list?.querySelectorAll("a[href^='#']") ?? []) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (target) links.set(target.closest("details") ?? target, link); // folded, it has no place of its own
}

function mark() {
  let current = null;
  for (const [target, link] of links) {
    if (target.getBoundingClientRect().top < window.innerHeight / 3) current = link;
  }
  for (const link of links.values()) {
    if (link === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

if (links.size) {
  const observer = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
  for (const target of links.keys()) observer.observe(target);
  mark();
}
