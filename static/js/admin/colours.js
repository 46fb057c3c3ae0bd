// A colour can be typed or picked. Without this script it is typed.
for (const field of document.querySelectorAll("input[data-colour]")) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.value = field.value;
  picker.setAttribute("aria-label", field.labels[0].textContent.replace(":", ""));
  picker.addEventListener("input", () => (field.value = picker.value));
  field.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value;
  });
  const pair = document.createElement("span");
  pair.className = "colour";
  field.before(pair);
  pair.append(field, picker);
}
