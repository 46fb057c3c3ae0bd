// What a text in the visual editor is made of. Each block is one that the writing format has;
// `as_text` is any other, shown as it is written.

import { Schema, tableNodes } from "../../../vendor/prosemirror.js";

const listClass = ({ signs }) => (signs ? { class: `signs-${signs}` } : {});

const tables = tableNodes({
  tableGroup: "block",
  cellContent: "inline*",
  cellAttributes: {
    align: {
      default: null,
      setDOMAttr: (value, attrs) => {
        if (value) attrs.class = `align-${value}`;
      },
    },
  },
});

const nodes = {
  doc: { content: "(block | as_text)+" },
  paragraph: {
    content: "inline*",
    group: "block",
    parseDOM: [{ tag: "p" }],
    toDOM: () => ["p", 0],
  },
  heading: {
    content: "inline*",
    group: "block",
    defining: true,
    attrs: { level: { default: 2 } },
    parseDOM: [1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level } })),
    toDOM: ({ attrs }) => [`h${Math.max(attrs.level, 2)}`, 0],
  },
  blockquote: {
    content: "block+",
    group: "block",
    defining: true,
    parseDOM: [{ tag: "blockquote" }],
    toDOM: () => ["blockquote", 0],
  },
  bullet_list: {
    content: "list_item+",
    group: "block list",
    attrs: {
      marker: { default: "-" }, // none: the sign alone begins the line
      signs: { default: null },
      sign: { default: null },
      tight: { default: true },
    },
    parseDOM: [
      { tag: "ul.signs-ticks", attrs: { signs: "ticks", sign: "✓", marker: "" } },
      { tag: "ul.signs-crosses", attrs: { signs: "crosses", sign: "✗", marker: "" } },
      { tag: "ul" },
    ],
    toDOM: ({ attrs }) => ["ul", listClass(attrs), 0],
  },
  ordered_list: {
    content: "list_item+",
    group: "block list",
    attrs: { start: { default: 1 }, marker: { default: "." }, tight: { default: true } },
    parseDOM: [{ tag: "ol", getAttrs: (dom) => ({ start: dom.start || 1 }) }],
    toDOM: ({ attrs }) => ["ol", attrs.start === 1 ? {} : { start: attrs.start }, 0],
  },
  list_item: {
    content: "block+",
    defining: true,
    parseDOM: [{ tag: "li" }],
    toDOM: () => ["li", 0],
  },
  box: {
    content: "box_title block+",
    group: "block",
    defining: true,
    attrs: { kind: { default: "tip" } },
    parseDOM: [{ tag: "section[data-box]", getAttrs: (dom) => ({ kind: dom.dataset.box }) }],
    toDOM: ({ attrs }) => ["section", { "data-box": attrs.kind }, 0],
  },
  box_title: {
    content: "inline*",
    defining: true,
    parseDOM: [{ tag: "div[data-title]" }],
    toDOM: () => ["div", { "data-title": "" }, 0],
  },
  side_note: {
    content: "block+",
    group: "block",
    defining: true,
    attrs: { label: {} },
    parseDOM: [{ tag: "aside[data-note]", getAttrs: (dom) => ({ label: dom.dataset.note }) }],
    toDOM: ({ attrs }) => ["aside", { "data-note": attrs.label }, 0],
  },
  picture: {
    group: "block",
    draggable: true,
    attrs: { src: {}, alt: { default: "" }, title: { default: "" } },
    parseDOM: [
      {
        tag: "figure[data-src]",
        getAttrs: ({ dataset }) => ({ src: dataset.src, alt: dataset.alt, title: dataset.caption }),
      },
    ],
    toDOM: ({ attrs: { src, alt, title } }) => [
      "figure",
      { "data-src": src, "data-alt": alt, "data-caption": title },
    ],
  },
  booking: {
    group: "block",
    draggable: true,
    attrs: { label: {}, name: { default: "" } },
    parseDOM: [
      {
        tag: "div[data-booking]",
        getAttrs: ({ dataset, textContent }) => ({ name: dataset.booking, label: textContent }),
      },
    ],
    toDOM: ({ attrs: { label, name } }) => ["div", { "data-booking": name }, label],
  },
  rule: { group: "block", parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"] },
  as_text: {
    content: "text*",
    marks: "",
    code: true,
    defining: true,
    isolating: true,
    parseDOM: [{ tag: "pre[data-as-text]", preserveWhitespace: "full" }],
    toDOM: () => ["pre", { "data-as-text": "" }, 0],
  },
  ...tables,
  text: { group: "inline" },
  hard_break: {
    inline: true,
    group: "inline",
    selectable: false,
    parseDOM: [{ tag: "br" }],
    toDOM: () => ["br"],
  },
  cite: {
    inline: true,
    group: "inline",
    attrs: { source: {} },
    parseDOM: [{ tag: "span[data-cite]", getAttrs: (dom) => ({ source: dom.dataset.cite }) }],
    toDOM: ({ attrs }) => ["span", { "data-cite": attrs.source }, attrs.source],
  },
  note: {
    inline: true,
    group: "inline",
    attrs: { label: {} },
    parseDOM: [{ tag: "sup[data-note]", getAttrs: (dom) => ({ label: dom.dataset.note }) }],
    toDOM: ({ attrs }) => ["sup", { "data-note": attrs.label }, attrs.label],
  },
};

const marks = {
  link: {
    attrs: { href: {}, title: { default: "" } },
    inclusive: false,
    parseDOM: [
      {
        tag: "a[href]",
        getAttrs: (dom) => ({ href: dom.getAttribute("href"), title: dom.title }),
      },
    ],
    toDOM: ({ attrs: { href, title } }) => ["a", title ? { href, title } : { href }, 0],
  },
  strong: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: () => ["strong", 0] },
  em: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => ["em", 0] },
  sup: { excludes: "sup sub code", parseDOM: [{ tag: "sup:not([data-note])" }], toDOM: () => ["sup", 0] },
  sub: { excludes: "sup sub code", parseDOM: [{ tag: "sub" }], toDOM: () => ["sub", 0] },
  code: { inclusive: false, parseDOM: [{ tag: "code" }], toDOM: () => ["code", 0] },
};

export const schema = new Schema({ nodes, marks });
