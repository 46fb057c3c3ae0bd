// Counts of the inbox that stay right while the page is open. Without this script: reload.
const tabs = document.querySelector("[data-counts]");
const EVERY = 30_000;

async function refresh() {
  if (document.hidden) return;
  let counts;
  try {
    const answer = await fetch(tabs.dataset.counts, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    counts = await answer.json();
  } catch {
    return; // the next one may arrive
  }
  for (const place of tabs.querySelectorAll("[data-count]")) {
    const count = String(counts[place.dataset.count]);
    if (place.textContent !== count) place.textContent = count;
  }
}

if (tabs) {
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
}
