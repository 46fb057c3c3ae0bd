// Choosing a reply template puts its words into the message, to be changed before they are sent.
// What was typed is never replaced. Without this script: the template is sent as it is.
for (const select of document.querySelectorAll("select[data-template]")) {
  const message = select.form.elements[select.name.replace(/template$/, select.dataset.template)];
  let filled = "";
  select.addEventListener("change", () => {
    const words = select.selectedOptions[0]?.dataset.text ?? "";
    if (message.value.trim() && message.value !== filled) return;
    message.value = filled = words;
  });
}
