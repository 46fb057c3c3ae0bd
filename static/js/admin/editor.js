// The writing desk: a preview beside the text, its problems under it, pictures by drop or paste.
// The textarea works without any of it. Tab leaves the field; every change can be undone.

import "./drafts.js";
import * as paste from "./paste.js";
import { Preview } from "./preview.js";
import * as suggest from "./suggest.js";
import * as toolbar from "./toolbar.js";

const PAUSE = 400; // milliseconds without a key before the preview is asked for

const MODE = "writing-mode";

// What was chosen last; visual if nothing was, or where a browser keeps nothing.
function remembered() {
  try {
    return localStorage.getItem(MODE) ?? "visual";
  } catch {
    return "visual";
  }
}

function remember(mode) {
  try {
    localStorage.setItem(MODE, mode);
  } catch {
    // Then it is asked again next time.
  }
}

const cookie = (name) =>
  document.querySelector(`[name=csrfmiddlewaretoken]`)?.value ?? name;

class Editor {
  constructor(root) {
    this.root = root;
    this.text = root.querySelector("textarea");
    this.status = root.querySelector("[data-status]");
    this.problems = root.querySelector("[data-problems]");
    this.frame = root.querySelector("[data-frame]");
    root.querySelector("[data-preview]")?.removeAttribute("hidden");
    root.classList.add("is-live");
    this.text.addEventListener("input", () => this.later());
    this.text.addEventListener("paste", (event) => {
      if (paste.take(this, event.clipboardData)) event.preventDefault();
      else this.take(event, event.clipboardData);
    });
    paste.mark(this.text);
    this.text.addEventListener("drop", (event) => this.take(event, event.dataTransfer));
    this.text.addEventListener("dragover", (event) => {
      if ([...event.dataTransfer.types].includes("Files")) event.preventDefault();
    });
    this.preview = this.frame ? new Preview(this) : null;
    this.frame?.addEventListener("load", () => this.show());
    this.file = root.querySelector("[data-file]");
    this.file?.addEventListener("change", () => {
      this.upload([...this.file.files]).then(() => (this.file.value = ""));
    });
    for (const view of root.querySelectorAll("[data-view]")) {
      view.addEventListener("click", () => this.look(view.dataset.view));
    }
    this.look("text");
    toolbar.attach(this);
    suggest.attach(this);
    this.started = this.chooseMode();
    const line = location.hash.match(/^#line-(\d+)$/);
    if (line && this.text.id === "id_body") this.started.then(() => this.jump(Number(line[1])));
    if (this.frame?.contentDocument?.readyState === "complete") this.show();
  }

  // Visual or as text: what this person chose last, in this browser.
  async chooseMode() {
    const modes = [...this.root.querySelectorAll("button[data-mode]")];
    for (const mode of modes) {
      mode.addEventListener("click", () => {
        remember(mode.dataset.mode);
        this.write(mode.dataset.mode).then(() => {
          // Whoever writes elsewhere by now keeps writing there.
          if ([mode, document.body].includes(document.activeElement)) (this.visual ?? this.text).focus();
        });
      });
    }
    this.root.querySelector("[data-modes]")?.removeAttribute("hidden");
    if (modes.length && remembered() !== "text") await this.write("visual");
  }

  async write(mode) {
    const place = this.root.querySelector("[data-visual-text]");
    if (mode === "visual") {
      const { Visual } = await import("./visual/view.js");
      this.text.hidden = true;
      place.hidden = false;
      this.kept ??= new Visual(this, place);
      this.visual = this.kept;
      this.visual.reload();
    } else if (this.visual) {
      this.visual.flush();
      this.visual = null;
      this.text.hidden = false;
      place.hidden = true;
    }
    this.root.dataset.mode = mode;
    this.showButtons?.(mode);
    for (const button of this.root.querySelectorAll("button[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
  }

  // On narrow screens one sees the text or its preview.
  look(view) {
    this.root.dataset.shows = view;
    for (const button of this.root.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    if (view === "preview") this.preview?.follow();
  }

  later() {
    clearTimeout(this.timer);
    if (this.frame) this.timer = setTimeout(() => this.show(), PAUSE);
  }

  async send(url, fields) {
    const response = await fetch(url, {
      method: "POST",
      body: fields,
      headers: { Accept: "application/json", "X-CSRFToken": cookie("csrftoken") },
      redirect: "manual",
    });
    if (response.type === "opaqueredirect" || response.status === 403) {
      throw new Error(this.root.dataset.signedOut);
    }
    return response;
  }

  async show() {
    this.asked?.abort?.();
    const number = (this.number = (this.number ?? 0) + 1);
    try {
      const response = await this.send(this.root.dataset.page, this.preview.fields());
      if (number !== this.number) return; // a newer one is on its way
      if (!response.ok) throw new Error(await response.text());
      const { html, problems, words, minutes } = await response.json();
      this.preview.show(html); // made and sanitised by the site itself
      const { dataset } = this.root;
      this.status.textContent = dataset.length.replace("{words}", words).replace("{minutes}", minutes);
      this.list(problems);
    } catch (error) {
      if (number === this.number) {
        this.status.textContent = error.message || this.root.dataset.failed;
      }
    }
  }

  list(problems) {
    this.problems.replaceChildren(
      ...problems.map(({ line, message, grade }) => {
        const item = document.createElement("li");
        const name = document.createElement("b");
        name.textContent = `${this.root.dataset[grade]} `;
        item.append(name);
        if (line) {
          const jump = document.createElement("button");
          jump.type = "button";
          jump.textContent = `${this.root.dataset.line} ${line}`;
          jump.addEventListener("click", () => this.jump(line));
          item.append(jump);
        }
        item.append(` ${message}`);
        item.classList.add(grade);
        return item;
      }),
    );
  }

  jump(line) {
    if (this.visual) return this.visual.jump(line);
    const lines = this.text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    this.text.focus();
    return this.text.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  }

  take(event, transfer) {
    const pictures = [...(transfer?.files ?? [])].filter(paste.isPicture);
    if (!pictures.length || !this.file) return;
    event.preventDefault();
    this.upload(pictures);
  }

  choosePicture() {
    this.file.click();
  }

  // As `send`, for a file: tells how far it has come.
  sendFile(url, fields) {
    if (!url) return Promise.reject(new Error("No pictures here"));
    const { sending, signedOut, failed } = this.root.dataset;
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", cookie("csrftoken"));
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      this.status.textContent = `${sending} ${Math.round((100 * event.loaded) / event.total)} %`;
    });
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return new Promise((resolve, reject) => {
      request.addEventListener("error", () => reject(new Error(failed)));
      request.addEventListener("load", () => {
        try {
          const answer = JSON.parse(request.responseText);
          if (request.status < 400) resolve(answer);
          else reject(new Error(answer.error));
        } catch {
          reject(new Error(signedOut)); // a page to sign in, not an answer
        }
      });
      request.send(body);
    });
  }

  async upload(pictures) {
    for (const picture of pictures) {
      const alt = await this.ask(picture);
      if (alt === null) continue;
      this.status.textContent = this.root.dataset.sending;
      try {
        const url = this.text.dataset.markdownxUploadUrlsPath;
        const answer = await this.sendFile(url, { image: picture, alt });
        this.insert(`\n\n${answer.image_code}\n\n`);
      } catch (error) {
        this.status.textContent = error.message;
      }
    }
  }

  // Asks for the alternative text in a dialog of the page; null when cancelled.
  ask(picture) {
    const { alt, insert, cancel } = this.root.dataset;
    const { selectionStart, selectionEnd } = this.text; // which a dialog makes browsers forget
    const dialog = document.createElement("dialog");
    const form = document.createElement("form");
    form.method = "dialog";
    const label = document.createElement("label");
    const field = document.createElement("input");
    field.maxLength = 250;
    field.required = true;
    label.append(alt, field);
    const name = document.createElement("p");
    name.textContent = picture.name;
    const yes = document.createElement("button");
    yes.textContent = insert;
    yes.value = "insert";
    yes.className = "button default";
    const no = document.createElement("button");
    no.type = "button";
    no.className = "button";
    no.textContent = cancel;
    no.addEventListener("click", () => dialog.close());
    form.append(name, label, yes, no);
    dialog.append(form);
    dialog.className = "editor-ask";
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        (this.visual ?? this.text).focus();
        if (!this.visual) this.text.setSelectionRange(selectionStart, selectionEnd);
        resolve(dialog.returnValue === "insert" ? field.value : null);
      });
    });
  }

  // Puts words in place of what is chosen; `chosen` is then chosen, counted from their start.
  insert(words, { chosen } = {}) {
    if (this.visual) {
      this.visual.insert(words.trim());
      return;
    }
    this.text.focus();
    const start = this.text.selectionStart;
    // The one way that the browser's undo knows of.
    if (!document.execCommand("insertText", false, words)) {
      this.text.setRangeText(words, start, this.text.selectionEnd, "end");
      this.text.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (chosen) this.text.setSelectionRange(start + chosen[0], start + chosen[1]);
    this.later();
  }
}

const start = (within) => {
  for (const root of within.querySelectorAll("[data-editor]:not(.is-live)")) {
    // Not in the row that new rows are copies of.
    if (!root.querySelector("textarea").name.includes("__prefix__")) new Editor(root);
  }
};

start(document);
document.addEventListener("formset:added", (event) => start(event.target));
