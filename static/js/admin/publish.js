// When an edition goes live: a date that is entered chooses “Schedule”, and “Now” empties it.
// Without this module a date counts, whatever is chosen above it.

const choose = (value) => document.querySelector(`input[name=when][value=${value}]`);
const parts = [...document.querySelectorAll("input[name^=goes_live_at_]")];

for (const part of parts) {
  // A date that is typed in part has no value yet, and no input event.
  for (const kind of ["input", "keydown"]) {
    part.addEventListener(kind, (event) => {
      if (event.key !== "Tab" && event.key !== "Shift") choose("later").checked = true;
    });
  }
}
choose("now")?.addEventListener("change", () => {
  for (const part of parts) part.value = "";
});
