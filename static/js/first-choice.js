// Times in the order in which they are chosen: numbered beside the box, and sent in a hidden field.
for (const fieldset of document.querySelectorAll("[data-times]")) {
  const order = fieldset.querySelector("[data-order]");
  const words = fieldset.dataset.times.split("|");
  const boxes = [...fieldset.querySelectorAll("[type=checkbox]")];

  function chosen() {
    const known = order.value.split(" ").filter(Boolean);
    const checked = boxes.filter((box) => box.checked).map((box) => box.value);
    const kept = known.filter((name) => checked.includes(name));
    return [...kept, ...checked.filter((name) => !kept.includes(name))];
  }

  function show() {
    const names = chosen();
    order.value = names.join(" ");
    for (const box of boxes) {
      const label = box.closest("label");
      let place = label.querySelector(".place");
      const said = words[names.indexOf(box.value)];
      if (!place && said) {
        place = document.createElement("small");
        place.className = "place";
        const between = document.createElement("span"); // read out, and in the list of answers
        between.className = "visually-hidden";
        label.lastElementChild.append(between, place);
      }
      if (!place) continue;
      place.textContent = said ?? "";
      place.previousElementSibling.textContent = said ? ": " : "";
    }
  }

  fieldset.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}
