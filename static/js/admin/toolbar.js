// The toolbar of the writing desk: buttons and shortcuts that write Markdown into the textarea.
// One stop for Tab; the arrow keys go along it (WAI-ARIA Authoring Practices, toolbar).

const wrap = (mark, example) => (editor) => {
  const { text } = editor;
  const chosen = text.value.slice(text.selectionStart, text.selectionEnd);
  const outside = mark.length;
  const around = text.value.slice(text.selectionStart - outside, text.selectionEnd + outside);
  if (chosen && around === mark + chosen + mark) {
    select(text, text.selectionStart - outside, text.selectionEnd + outside);
    editor.insert(chosen, { chosen: [0, chosen.length] });
    return;
  }
  const words = chosen || example;
  editor.insert(mark + words + mark, { chosen: [outside, outside + words.length] });
};

// Puts `sign` before every chosen line, or takes it away where all have it.
const lines = (sign, example) => (editor) => {
  const { text } = editor;
  const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
  let end = text.value.indexOf("\n", text.selectionEnd);
  if (end < 0) end = text.value.length;
  const chosen = text.value.slice(start, end) || example;
  const all = chosen.split("\n");
  const bare = (line) => line.replace(/^(#{1,6} |[-*•✓✗] |\d+\. )/, "");
  const have = all.every((line) => line.startsWith(sign));
  const words = all.map((line) => (have ? bare(line) : sign + bare(line))).join("\n");
  select(text, start, end);
  editor.insert(words, { chosen: [0, words.length] });
};

const block = (words, from, to) => (editor) => {
  const before = editor.text.value.slice(0, editor.text.selectionStart);
  const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  editor.insert(`${gap}${words}\n\n`, { chosen: [gap.length + from, gap.length + to] });
};

const link = (editor) => {
  const { text } = editor;
  const chosen = text.value.slice(text.selectionStart, text.selectionEnd);
  const words = chosen || editor.root.dataset.linkWords;
  const start = words.length + 3;
  editor.insert(`[${words}](https://)`, { chosen: [start, start + "https://".length] });
};

const citation = (editor) => {
  editor.insert("[@]", { chosen: [2, 2] });
  editor.text.dispatchEvent(new Event("input", { bubbles: true }));
};

const ACTIONS = {
  heading: lines("## ", "…"),
  subheading: lines("### ", "…"),
  bold: wrap("**", "…"),
  italic: wrap("*", "…"),
  list: lines("- ", "…"),
  ticks: lines("✓ ", "…"),
  link,
  image: (editor) => editor.choosePicture(),
  callout: block('!!! tip "…"\n    …', 9, 10),
  citation,
  booking: block("[…](book:)", 1, 2),
};

const PRESSED = new Set(["heading", "subheading", "bold", "italic", "list", "numbers", "ticks", "link"]);
const SHORTCUTS = { b: "bold", i: "italic", k: "link", 2: "heading", 3: "subheading" };

function select(text, start, end) {
  text.focus();
  text.setSelectionRange(start, end);
}

export function attach(editor) {
  const bar = editor.root.querySelector("[data-toolbar]");
  if (!bar) return;
  bar.hidden = false;
  const all = [...bar.querySelectorAll("button[data-do]")];
  const shown = () => all.filter((button) => !button.hidden);
  all.forEach((button, place) => {
    button.tabIndex = place ? -1 : 0;
    button.addEventListener("click", () => {
      if (editor.visual) editor.visual.do(button.dataset.do);
      else ACTIONS[button.dataset.do](editor);
    });
  });
  bar.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
    const buttons = shown();
    const now = buttons.indexOf(document.activeElement);
    if (!(event.key in steps) || now < 0) return;
    event.preventDefault();
    const next = Math.min(Math.max(now + steps[event.key], 0), buttons.length - 1);
    buttons[now].tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  });
  // Which buttons there are depends on how one writes; pressed ones say what is on at the caret.
  editor.showPressed = (isOn) => {
    for (const button of all) {
      if (PRESSED.has(button.dataset.do)) button.setAttribute("aria-pressed", String(isOn(button.dataset.do)));
    }
  };
  editor.showButtons = (mode) => {
    for (const button of all) {
      button.hidden = (button.dataset.only ?? mode) !== mode;
      if (mode === "text") button.removeAttribute("aria-pressed");
    }
    all.forEach((button) => (button.tabIndex = button === shown()[0] ? 0 : -1));
  };
  editor.showButtons("text");
  editor.text.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    const heading = event.key === "2" || event.key === "3";
    if (heading !== event.altKey) return;
    const action = SHORTCUTS[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    ACTIONS[action](editor);
  });
}
