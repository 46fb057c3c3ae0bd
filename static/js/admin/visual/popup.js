// The menu that "/" opens, at the caret. The focus stays in the text: arrows, Enter and Escape work
// as in the combobox pattern of the WAI-ARIA Authoring Practices.

import { Plugin } from "../../../vendor/prosemirror.js";

const TYPED = /(?:^|\s)\/([\p{L}\p{N}:, -]{0,30})$/u;
const GAP = 4; // pixels

// `entries()`: what can be done here, as {label, also (another name), keys, run}. `words.found` is said after a count.
export function menu({ list, status, entries, words }) {
  let open = null; // {from, rows} while it shows
  let opens = false; // the sign has just been typed
  let chosen = 0;
  let view;

  const close = () => {
    if (!open && list.hidden) return;
    open = null;
    list.hidden = true;
    list.replaceChildren();
    status.textContent = "";
    view.dom.removeAttribute("aria-activedescendant");
    view.dom.removeAttribute("aria-controls");
  };

  const mark = () => {
    [...list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === chosen));
      if (place === chosen) list.scrollTop = Math.max(0, option.offsetTop + option.offsetHeight - list.clientHeight);
    });
    view.dom.setAttribute("aria-activedescendant", list.children[chosen].id);
  };

  const run = (place) => {
    const { rows, from } = open;
    close();
    view.dispatch(view.state.tr.delete(from, view.state.selection.from));
    view.focus();
    rows[place].run();
  };

  const show = (rows, from) => {
    open = { rows, from };
    chosen = 0;
    list.replaceChildren(
      ...rows.map(({ label, keys }, place) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${place}`;
        option.role = "option";
        const name = document.createElement("b");
        name.textContent = label;
        option.append(name, keys ?? "");
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          run(place);
        });
        return option;
      }),
    );
    list.hidden = false;
    status.textContent = words.found.replace("{count}", rows.length);
    view.dom.setAttribute("aria-controls", list.id);
    stand(list, view, from);
    mark();
  };

  const look = () => {
    const { $from, empty } = view.state.selection;
    const before = empty && $from.parent.isTextblock && !$from.parent.type.spec.code
      ? $from.parent.textBetween(0, $from.parentOffset, null, "\ufffc")
      : "";
    const typed = before.match(TYPED);
    if (!typed || !(open || opens)) return close();
    opens = false;
    const wanted = typed[1].toLowerCase().trim();
    const begins = ({ label }) => label.toLowerCase().startsWith(wanted);
    const rows = entries()
      .filter(({ label, also }) => label.toLowerCase().includes(wanted) || also.startsWith(wanted))
      .sort((one, other) => begins(other) - begins(one));
    if (!rows.length) return close();
    return show(rows, $from.pos - typed[1].length - 1);
  };

  // Its overflow is hidden: it takes no focus of its own.
  list.addEventListener("wheel", (event) => {
    event.preventDefault();
    list.scrollTop += event.deltaY;
  });

  return new Plugin({
    view(made) {
      view = made;
      return { update: (_view, before) => (before.doc.eq(view.state.doc) && !open ? undefined : look()), destroy: close };
    },
    props: {
      handleTextInput(_view, _from, _to, text) {
        if (text === "/") opens = true;
        return false;
      },
      handleDOMEvents: { blur: close },
      handleKeyDown(_view, event) {
        if (!open || event.isComposing) return false;
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) {
          chosen = (chosen + step + open.rows.length) % open.rows.length;
          mark();
        } else if (event.key === "Enter") run(chosen);
        else if (event.key === "Escape") close();
        else return false;
        return true;
      },
    },
  });
}

// Under the line of the caret, or over it where there is more room.
function stand(list, view, pos) {
  const at = view.coordsAtPos(pos);
  const ground = list.offsetParent.getBoundingClientRect();
  const field = view.dom.getBoundingClientRect();
  const below = document.documentElement.clientHeight - at.bottom - 2 * GAP;
  const above = at.top - 2 * GAP;
  list.style.maxBlockSize = "";
  const isBelow = list.offsetHeight <= below || below >= above;
  const height = Math.min(list.offsetHeight, isBelow ? below : above);
  const left = Math.max(Math.min(at.left, field.right - list.offsetWidth), field.left);
  list.style.maxBlockSize = `${height}px`;
  list.style.top = `${(isBelow ? at.bottom + GAP : at.top - GAP - height) - ground.top}px`;
  list.style.left = `${left - ground.left}px`;
}
