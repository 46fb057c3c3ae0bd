// The focal point of a picture: a click on the picture fills in the two numbers, and a mark shows
// where they are. Without this module the numbers are typed.

const picture = document.querySelector("img.preview");
const across = document.querySelector("input[name=focal_x]");
const down = document.querySelector("input[name=focal_y]");

function show(mark) {
  const [x, y] = [across, down].map((field) => Math.min(1, Math.max(0, Number(field.value) || 0)));
  mark.style.insetInlineStart = `${x * 100}%`;
  mark.style.insetBlockStart = `${y * 100}%`;
}

if (picture && across && down) {
  const frame = document.createElement("span");
  const mark = document.createElement("span");
  frame.className = "focal";
  mark.className = "focal-mark";
  picture.replaceWith(frame);
  frame.append(picture, mark);
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    across.value = ((event.clientX - box.left) / box.width).toFixed(2);
    down.value = ((event.clientY - box.top) / box.height).toFixed(2);
    show(mark);
  });
  for (const field of [across, down]) field.addEventListener("input", () => show(mark));
  show(mark);
}
