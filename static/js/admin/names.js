// Fields that search while one types (Django's select2) show no name to those who cannot see their
// label: they take it from there. Their lists open within the page, where its landmarks are.

function name(select) {
  const made = select.nextElementSibling;
  const [label] = select.labels;
  if (!label || !made?.classList.contains("select2")) return;
  label.id ||= `${select.id}_label`;
  const selection = made.querySelector(".select2-selection");
  const shown = selection.querySelector(".select2-selection__rendered");
  selection.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
  for (const part of [shown, selection.querySelector("input")]) {
    part?.setAttribute("aria-labelledby", label.id);
  }
  selection.setAttribute("aria-controls", `select2-${select.id}-results`);
  const { dropdown } = window.django.jQuery(select).data("select2");
  dropdown.$search?.attr("aria-labelledby", label.id);
}

function nameAll(within) {
  within.querySelectorAll("select.admin-autocomplete").forEach(name);
}

// Django's name for the box above a list's rows is “Select all objects on this page for an action”.
const everyRow = document.getElementById("action-toggle");
everyRow?.setAttribute("aria-label", document.querySelector("[data-select-all]").dataset.selectAll);

for (const select of document.querySelectorAll("select.admin-autocomplete")) {
  select.dataset.dropdownParent = "#content";
}

// Several are taken out one by one: the sign that takes out all would stand in the list as no item.
for (const select of document.querySelectorAll("select.admin-autocomplete[multiple]")) {
  select.dataset.allowClear = "false";
}

// Django's own script makes the fields when its jQuery is ready; this waits in the same line.
window.django?.jQuery?.(() => nameAll(document));
document.addEventListener("formset:added", (event) => nameAll(event.target));

// A press that opens the list chooses nothing in it: the list may come up under the finger, and
// select2 takes the end of any press on an option for a choice.
let begun = null;
document.addEventListener("mousedown", (event) => (begun = event.target), true);
document.addEventListener(
  "mouseup",
  (event) => {
    const option = event.target.closest?.(".select2-results__option");
    if (option && !begun?.closest?.(".select2-results")) event.stopPropagation();
  },
  true,
);
