// How blocks and chips of the visual editor look that are more than their words: boxes, pictures,
// booking panels, citations, side notes, and what is written as text.

import { schema } from "./schema.js";

const { nodes } = schema;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const fixed = (name, attributes, ...children) =>
  element(name, { contenteditable: "false", ...attributes }, ...children);

// A button that opens the dialog of its node.
function change(label, open) {
  const button = element("button", { type: "button" }, label);
  button.addEventListener("click", open);
  return button;
}

const stays = { ignoreMutation: ({ type }) => type !== "selection", stopEvent: isOfControl };

// What happens in a button or list of a block is its own.
function isOfControl(event) {
  return event.target instanceof Element && event.target.closest("select, button") !== null;
}

const caption = (words) => fixed("p", { class: "visual-kind" }, words);

export function nodeViews(visual) {
  const { words } = visual;
  return {
    box(node, view, getPos) {
      const kinds = element("select", { "aria-label": words.boxKind });
      for (const [value, label] of Object.entries(words.boxes)) {
        kinds.append(element("option", { value }, label));
      }
      kinds.addEventListener("change", () => {
        view.dispatch(view.state.tr.setNodeAttribute(getPos(), "kind", kinds.value));
        view.focus();
      });
      const contentDOM = element("div");
      const dom = element("section", {}, fixed("div", { class: "visual-kind" }, kinds), contentDOM);
      const show = ({ attrs: { kind } }) => {
        dom.className = `visual-box visual-box-${kind}`;
        dom.setAttribute("aria-label", words.boxes[kind]);
        kinds.value = kind;
      };
      show(node);
      return {
        dom,
        contentDOM,
        stopEvent: isOfControl,
        ignoreMutation: ({ type, target }) => type !== "selection" && !contentDOM.contains(target),
        update(next) {
          if (next.type !== nodes.box) return false;
          show(next);
          return true;
        },
      };
    },

    side_note(node) {
      const contentDOM = element("div");
      const label = `${words.sideNote} ${node.attrs.label}`;
      const dom = element("aside", { class: "visual-note", "aria-label": label }, caption(label), contentDOM);
      return { dom, contentDOM };
    },

    as_text() {
      const contentDOM = element("code");
      const frame = { class: "visual-as-text", role: "group", "aria-label": words.asText };
      return { dom: element("div", frame, caption(words.asText), element("pre", { spellcheck: "false" }, contentDOM)), contentDOM };
    },

    picture(node) {
      const { src, alt, title } = node.attrs;
      const dom = element("figure", { class: "visual-picture" });
      if (src.startsWith("/media/")) dom.append(element("img", { src: visual.addressOf(src), alt }));
      else dom.append(element("p", {}, alt || src));
      if (title) dom.append(element("figcaption", {}, title));
      const button = change(words.changePicture, () => visual.open("image", node));
      dom.append(fixed("p", { class: "visual-kind" }, alt ? `${words.alt}: ${alt} ` : `${words.altMissing} `, button));
      return { dom, ...stays };
    },

    booking(node) {
      const button = change(words.changeBooking, () => visual.open("booking", node));
      const label = element("p", { class: "visual-button" }, node.attrs.label);
      return { dom: element("div", { class: "visual-booking" }, label, fixed("p", { class: "visual-kind" }, `${words.booking} `, button)), ...stays };
    },

    cite(node) {
      const dom = element("span", { class: "visual-cite" });
      visual.nameSources(node.attrs.source, (label, title) => {
        dom.textContent = label;
        dom.title = title;
      });
      return { dom, ...stays };
    },

    note(node) {
      return { dom: element("sup", { class: "visual-noteref", title: words.sideNote }, node.attrs.label), ...stays };
    },
  };
}
