// Hours are drawn on the picture of the week with a mouse, or their edges dragged: the fields of
// their row are filled in. Without this script, and with a keyboard or on a phone: the rows.

const STEP = 15; // minutes to which times snap
const NEAR = 7; // pixels around an edge that belong to it
const NS = "http://www.w3.org/2000/svg";
const [picture] = document.querySelectorAll(".week");

const clock = (minute) =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

// The field of a row, by the end of its name.
const field = (row, name) => row?.querySelector(`[name$="-${name}"]`);

function fill(row, name, minute) {
  const input = field(row, name);
  input.value = clock(Math.min(minute, 24 * 60 - 1));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// The edge of hours at this place, if there is one.
function edgeAt(svg, y) {
  for (const rect of svg.querySelectorAll("rect[data-row]")) {
    const box = rect.getBoundingClientRect();
    if (Math.abs(y - box.top) <= NEAR) return { rect, side: "upper" };
    if (Math.abs(y - box.bottom) <= NEAR) return { rect, side: "lower" };
  }
  return null;
}

// Moves an edge to a minute of the picture, but never past the other.
function pull({ rect, side }, minute) {
  const top = Number(rect.getAttribute("y"));
  const bottom = top + Number(rect.getAttribute("height"));
  const from = side === "upper" ? Math.min(minute, bottom - STEP) : top;
  const until = side === "upper" ? bottom : Math.max(minute, top + STEP);
  rect.setAttribute("y", from);
  rect.setAttribute("height", until - from);
  return side === "upper" ? from : until;
}

function draw(svg, weekday) {
  const first = Number(svg.dataset.first);
  const height = Number(svg.dataset.height);
  const minuteAt = (y) => {
    const box = svg.getBoundingClientRect();
    const minute = ((y - box.top) / box.height) * height;
    return Math.min(height, Math.max(0, Math.round(minute / STEP) * STEP));
  };
  const newRow = () =>
    document.querySelector(`.hours-day[data-weekday="${weekday}"] .hours-row.is-new`);

  svg.addEventListener("pointermove", (event) => {
    svg.classList.toggle("on-edge", !event.buttons && edgeAt(svg, event.clientY) !== null);
  });
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType !== "mouse") return;
    const begin = minuteAt(event.clientY);
    const edge = edgeAt(svg, event.clientY);
    if (!edge && event.target.dataset.row) return; // inside hours
    event.preventDefault();
    let fresh = null;
    if (!edge) {
      svg.querySelector("rect.is-new")?.remove();
      fresh = document.createElementNS(NS, "rect");
      for (const [name, value] of Object.entries({ class: "is-new", x: 6, width: 88, y: begin }))
        fresh.setAttribute(name, value);
      svg.append(fresh);
    }
    const was = edge && [edge.rect.getAttribute("y"), edge.rect.getAttribute("height")];
    let now = null;
    const move = ({ clientY }) => {
      const minute = minuteAt(clientY);
      if (edge) {
        now = pull(edge, minute);
        return;
      }
      fresh.setAttribute("y", Math.min(begin, minute));
      fresh.setAttribute("height", Math.abs(minute - begin));
      now = minute;
    };
    const end = (last) => {
      for (const [kind, act] of Object.entries(listeners)) removeEventListener(kind, act, true);
      if (last.type !== "pointerup" || now === null || (!edge && now === begin)) {
        fresh?.remove();
        if (edge) ["y", "height"].forEach((name, n) => edge.rect.setAttribute(name, was[n]));
        return;
      }
      if (edge) {
        const row = document.querySelector(`.hours-row[data-row="${edge.rect.dataset.row}"]`);
        fill(row, edge.rect.dataset[edge.side], first + now);
        return;
      }
      const row = newRow();
      row.closest("details").open = true;
      fill(row, "starts", first + Math.min(begin, now));
      fill(row, "ends", first + Math.max(begin, now));
      const place = field(row, "location");
      if (!place.value) place.focus();
    };
    const cancel = (key) => {
      if (key.key !== "Escape") return;
      key.preventDefault();
      end(key);
    };
    const listeners = { pointermove: move, pointerup: end, pointercancel: end, keydown: cancel };
    for (const [kind, act] of Object.entries(listeners)) addEventListener(kind, act, true);
  });
}

if (picture && matchMedia("(pointer: fine)").matches) {
  picture.hidden = false;
  picture.querySelector(".week-hint").hidden = false;
  for (const day of picture.querySelectorAll(".week-day"))
    draw(day.querySelector("svg"), day.dataset.weekday);
}
