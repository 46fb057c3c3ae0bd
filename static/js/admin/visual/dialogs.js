// The dialogs of the visual editor: links, citations, pictures, booking panels. Each asks, then puts
// what was chosen where the caret is, or in the place of the node that it was opened for.

import { schema } from "./schema.js";
import { pick } from "./pick.js";

const { nodes, marks } = schema;

// What a dialog says: of something that is there already it says that it changes it.
const wordsFor = ({ words }, old) => (old ? { ...words, save: words.change } : words);

// The link around the caret, as {mark, from, to}, or null.
function linkAt(state) {
  const { $from } = state.selection;
  const { parent, parentOffset } = $from;
  const mark = marks.link.isInSet($from.marks()) ?? marks.link.isInSet($from.nodeAfter?.marks ?? []);
  if (!mark) return null;
  let found = null;
  let start = null;
  parent.forEach((child, offset) => {
    const has = mark.isInSet(child.marks);
    if (has) start ??= offset;
    const end = offset + child.nodeSize;
    if (has && start <= parentOffset && parentOffset <= end) found = { from: start, to: end };
    if (!has) {
      start = null;
    }
  });
  if (!found) return null;
  const base = $from.start();
  return { mark, from: base + found.from, to: base + found.to };
}

async function link(visual) {
  const { view } = visual;
  const { state } = view;
  const old = linkAt(state);
  const words = wordsFor(visual, old);
  const { from, to } = old ?? state.selection;
  if (!state.doc.resolve(from).parent.type.allowsMarkType(marks.link)) return;
  const said = state.doc.textBetween(from, to, " ");
  const answer = await pick({
    title: words.link,
    words,
    search: visual.root.dataset.pages && {
      label: words.findPage,
      find: (q) => visual.find("pages", { q }),
      take: (row, fields) => {
        fields.address.value = row.value;
        if (!fields.text.value) fields.text.value = row.label;
      },
    },
    fields: [
      { name: "address", label: words.address, value: old?.mark.attrs.href ?? "", required: true },
      { name: "text", label: words.linkText, value: said, required: true },
    ],
    extra: old ? [{ label: words.removeLink, value: "remove" }] : [],
  });
  if (!answer) return;
  const tr = view.state.tr.removeMark(from, to, marks.link);
  if (answer !== "remove") {
    const mark = marks.link.create({ href: addressOf(answer.address), title: old?.mark.attrs.title ?? "" });
    if (answer.text === said) tr.addMark(from, to, mark);
    else {
      const around = state.doc.resolve(from).marksAcross(state.doc.resolve(to)) ?? [];
      tr.replaceWith(from, to, schema.text(answer.text, mark.addToSet(marks.link.removeFromSet(around))));
    }
  }
  view.dispatch(tr.scrollIntoView());
  view.focus();
}

// People write addresses without their beginning.
function addressOf(typed) {
  if (/^[a-z][a-z0-9+.-]*:|^[/#]/i.test(typed)) return typed;
  return /^[^\s@]+@[^\s@]+$/.test(typed) ? `mailto:${typed}` : `https://${typed}`;
}

async function citation(visual, node) {
  const words = wordsFor(visual, node);
  const inside = node?.attrs.source.match(/^\[([^]*)\]$/)?.[1] ?? node?.attrs.source ?? "";
  const answer = await pick({
    title: words.citation,
    words,
    search: {
      label: words.findSource,
      find: (q) => visual.find("references", { q }),
      take: (row, { source }) => {
        visual.sources.set(row.value, row);
        const others = source.value.trim();
        source.value = others ? `${others.replace(/;?\s*$/, "")}; @${row.value}` : `@${row.value}`;
      },
    },
    fields: [{ name: "source", label: words.sources, value: inside, required: true }],
    extra: node ? [{ label: words.remove, value: "remove" }] : [],
  });
  if (!answer) return;
  if (answer === "remove") visual.put(null, node);
  else visual.put(nodes.cite.create({ source: `[${answer.source.replace(/[[\]]/g, "")}]` }), node);
}

async function image(visual, node) {
  const words = wordsFor(visual, node);
  let src = node?.attrs.src ?? "";
  const answer = await pick({
    title: words.picture,
    words,
    search: {
      label: words.findPicture,
      find: (q) => visual.find("pictures", { q }),
      take: (row, { alt }) => {
        src = row.value;
        alt.value = row.alt;
      },
    },
    fields: [
      { name: "alt", label: words.altText, value: node?.attrs.alt ?? "", required: true, longest: 250 },
      { name: "title", label: words.captionText, value: node?.attrs.title ?? "" },
    ],
    extra: [
      { label: words.upload, value: "upload" },
      ...(node ? [{ label: words.remove, value: "remove" }] : []),
    ],
  });
  if (!answer) return null;
  if (answer === "remove") return visual.put(null, node);
  if (answer === "upload" || !src) return visual.editor.choosePicture();
  return visual.put(nodes.picture.create({ src, ...answer }), node);
}

async function booking(visual, node) {
  const words = wordsFor(visual, node);
  const answer = await pick({
    title: words.booking,
    words,
    search: visual.root.dataset.pages && {
      label: words.findService,
      find: (q) => visual.find("pages", { q, kind: "service" }),
      take: (row, { name }) => {
        name.value = row.value;
      },
    },
    fields: [
      { name: "label", label: words.bookingText, value: node?.attrs.label ?? words.book, required: true },
      { name: "name", label: words.service, value: node?.attrs.name ?? "" },
    ],
    extra: node ? [{ label: words.remove, value: "remove" }] : [],
  });
  if (!answer) return null;
  if (answer === "remove") return visual.put(null, node);
  return visual.put(nodes.booking.create(answer), node);
}

export const DIALOGS = { link, citation, image, booking };
