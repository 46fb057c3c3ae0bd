// What is pasted from Word, Google Docs, a web page, a PDF or an email becomes the writing format. It
// is put in at once, so that one undo takes all of it back, and a note says what was left out.

import { markdownFromHTML, markdownFromText } from "./from-html/index.js";
import { partsOf } from "./pasted-parts.js";

const OWN = "text/markdown"; // copied from a text here: pasted as it is
const SHAPED = new RegExp(
  "<(h[1-6]|li|table|strong|b|em|i|a|su[bp]|del|ins|s|strike|blockquote|pre|dl|figure|img)[\\s>]|" +
    "<p[\\s>][^]*<p[\\s>]|font-weight:\\s*(bold|[6-9]00)|line-through|vertical-align:\\s*su|" +
    "role=.?heading|MsoListParagraph",
  "i",
);
const PICTURE = /<img\b[^>]*?\bsrc\s*=\s*["']?(data:image\/[\w+.-]+;base64,[^"'\s>]+)/gi;
const BLOCK = /^(#{2,4} |[-*✓✗•>|] ?|\d+[.)] |!!!|```|---|!\[|\[\^\d+\]:)/;
const MOST_WORDS = 5; // quotations of one kind in the note

// Takes what is on the clipboard; true if it was put into the text. What has no shape, such as the
// coloured lines of a code editor, is better pasted as the plain text it also is.
export function take(editor, clipboard) {
  const html = clipboard?.getData("text/html") ?? "";
  const plain = clipboard?.getData("text/plain") ?? "";
  const own = clipboard?.getData(OWN);
  if (own) {
    editor.insert(own);
    return true;
  }
  const isPicture = [...(clipboard?.files ?? [])].length && !html.replace(/<[^>]*>/g, "").trim();
  if (html && SHAPED.test(html) && !isPicture) {
    const pictures = [...html.matchAll(PICTURE)].map((found) => found[1]);
    if (!pictures.length) return put(editor, (options) => markdownFromHTML(html, options));
    putWithPictures(editor, html, pictures);
    return true;
  }
  const isLong = /\S\s*\n\s*\S/.test(plain);
  return isLong && put(editor, (options) => markdownFromText(plain, options));
}

// Copies and cuts words as what they are.
export function mark(field) {
  for (const kind of ["copy", "cut"]) {
    field.addEventListener(kind, (event) => {
      const words = field.value.slice(field.selectionStart, field.selectionEnd);
      if (!words) return;
      event.preventDefault();
      event.clipboardData.setData("text/plain", words);
      event.clipboardData.setData(OWN, words);
      if (kind === "cut") document.execCommand("delete");
    });
  }
}

async function putWithPictures(editor, html, sources) {
  const { text } = editor;
  const [before, start, end] = [text.value, text.selectionStart, text.selectionEnd];
  const taken = new Map();
  for (const source of new Set(sources)) {
    try {
      const image = fileOf(source);
      const answer = await editor.sendFile(text.dataset.markdownxUploadUrlsPath, { image, alt: "" });
      taken.set(source, [answer.image_path, answer.alt]);
    } catch {
      // It is told as one that could not be copied.
    }
  }
  if (text.value === before) text.setSelectionRange(start, end);
  const missing = [];
  put(editor, (options) => {
    const picture = (source, alt) => {
      const [address, known] = taken.get(source) ?? [];
      if (address && !alt && !known) missing.push(address);
      return address ? [address, alt || known] : null;
    };
    const made = markdownFromHTML(html, { ...options, picture });
    const unnamed = [...new Set(missing)].map((address) => ["no-alt", address.split("/").at(-1)]);
    return { ...made, told: [...made.told, ...unnamed] };
  });
}

// A photo of a phone often has a name alone: the site says what to do with it.
export function isPicture(file) {
  return file.type.startsWith("image/") || /\.hei[cf]$/i.test(file.name);
}

function fileOf(source) {
  const [, kind, data] = source.match(/^data:(image\/([\w+.-]+));base64,(.*)$/).slice(1);
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  return new File([bytes], `pasted.${kind.replace("jpeg", "jpg")}`, { type: `image/${kind}` });
}

// Puts in what `make(options)` returns, and says what of it was left out; false if there is nothing.
function put(editor, make) {
  const { text } = editor;
  const numbers = [...text.value.matchAll(/\[\^(\d+)\]/g)].map((found) => Number(found[1]));
  const options = { link, firstNote: Math.max(0, ...numbers) + 1 };
  const { markdown, told } = make(options);
  if (!markdown && !told.length) return false;
  const pasted = editor.visual ? editor.visual.paste(markdown) : intoText(editor, markdown);
  const instead = (other) => {
    pasted.select();
    put(editor, other);
  };
  const parts = partsOf(editor, markdown).map(({ label, move, without }) => ({
    label,
    act: () => {
      move();
      instead((chosen) => {
        const made = make(chosen);
        return { ...made, markdown: without(made.markdown) };
      });
    },
  }));
  show(editor, told, parts, {
    ...pasted,
    again: () => instead((chosen) => make({ ...chosen, boldHeadings: true })),
  });
  return true;
}

function intoText(editor, markdown) {
  const { text } = editor;
  const start = text.selectionStart;
  const words = apart(text, markdown);
  editor.insert(words);
  return {
    isThere: () => text.value.slice(start, start + words.length) === words,
    select: () => text.setSelectionRange(start, start + words.length),
    undo: () => document.execCommand("undo"),
  };
}

// An address of this site is written without its host, and one of the desk is none.
function link(address) {
  if (!/^(https?|mailto|tel):/i.test(address)) return "";
  if (!address.startsWith(`${location.origin}/`)) return address;
  const path = address.slice(location.origin.length);
  return path.startsWith("/admin/") ? "" : path;
}

// With empty lines around it, where blocks need them.
function apart(text, markdown) {
  const before = text.value.slice(0, text.selectionStart);
  const after = text.value.slice(text.selectionEnd);
  const [first, last] = [markdown, markdown.split("\n\n").at(-1)];
  const gap = (around) => (around ? "\n" : "\n\n");
  const needsLead = before && !before.endsWith("\n\n") && BLOCK.test(first);
  const needsTrail =
    after && !after.startsWith("\n\n") && (markdown.includes("\n\n") || BLOCK.test(last));
  const lead = needsLead ? gap(before.endsWith("\n")) : "";
  return lead + markdown + (needsTrail ? gap(after.startsWith("\n")) : "");
}

// The note under the text: what was left out, in its words, what can be done about it, and which
// parts have fields of their own.
function show(editor, told, parts, paste) {
  const { root, text } = editor;
  const strings = root.dataset;
  const labels = JSON.parse(strings.labels);
  root.querySelector("[data-pasted]")?.remove();
  if (!told.length && !parts.length) return;
  const note = document.createElement("div");
  note.className = "editor-pasted";
  note.dataset.pasted = "";
  note.setAttribute("role", "status");
  const list = document.createElement("ul");
  for (const kind of new Set(told.map(([each]) => each))) {
    const words = told.filter(([each, said]) => each === kind && said).map(([, said]) => `“${said}”`);
    const shown = words.slice(0, MOST_WORDS).join(", ");
    const more = words.length > MOST_WORDS ? " …" : "";
    const item = document.createElement("li");
    item.textContent = shown ? `${labels[kind]}: ${shown}${more}` : `${labels[kind]}.`;
    list.append(item);
  }
  const actions = document.createElement("p");
  const button = (words, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button";
    made.textContent = words;
    made.addEventListener("click", () => {
      note.remove();
      (editor.visual ?? text).focus();
      if (act) act();
    });
    actions.append(made);
    return made;
  };
  const only = [button(strings.undoPaste, paste.undo)];
  if (told.some(([kind]) => kind === "bold-line")) {
    only.push(button(strings.makeHeadings, paste.again));
  }
  for (const { label, act } of parts) only.push(button(label, act));
  button(strings.close);
  if (told.length) note.append(list);
  note.append(actions);
  (root.querySelector("[data-visual-text]:not([hidden])") ?? text).after(note);
  text.addEventListener("input", () => {
    if (!paste.isThere()) for (const each of only) each.remove();
  });
}
