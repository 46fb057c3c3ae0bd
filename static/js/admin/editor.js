// The writing desk: a preview beside the text, its problems under it, pictures by drop or paste.
// The textarea works without any of it. Tab leaves the field; every change can be undone.

const PAUSE = 400; // milliseconds without a key before the preview is asked for

const cookie = (name) =>
  document.querySelector(`[name=csrfmiddlewaretoken]`)?.value ?? name;

class Editor {
  constructor(root) {
    this.root = root;
    this.text = root.querySelector("textarea");
    this.status = root.querySelector("[data-status]");
    this.problems = root.querySelector("[data-problems]");
    this.frame = root.querySelector("[data-frame]");
    root.querySelector("[data-preview]").hidden = false;
    root.classList.add("is-live");
    this.text.addEventListener("input", () => this.later());
    this.text.addEventListener("paste", (event) => this.take(event, event.clipboardData));
    this.text.addEventListener("drop", (event) => this.take(event, event.dataTransfer));
    this.text.addEventListener("dragover", (event) => {
      if ([...event.dataTransfer.types].includes("Files")) event.preventDefault();
    });
    this.frame.addEventListener("load", () => this.show());
    if (this.frame.contentDocument?.readyState === "complete") this.show();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), PAUSE);
  }

  async send(url, fields) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const response = await fetch(url, {
      method: "POST",
      body,
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
      const response = await this.send(this.text.dataset.markdownxUrlsPath, {
        content: this.text.value,
      });
      if (number !== this.number) return; // a newer one is on its way
      if (!response.ok) throw new Error(await response.text());
      const { html, problems, words } = await response.json();
      const place = this.frame.contentDocument?.getElementById("preview");
      if (!place) return;
      const scroll = this.frame.contentWindow.scrollY;
      place.innerHTML = html; // made and sanitised by the site itself
      this.frame.contentWindow.scrollTo(0, scroll);
      this.status.textContent = `${words} ${this.root.dataset.words}`;
      this.list(problems);
    } catch (error) {
      if (number === this.number) {
        this.status.textContent = error.message || this.root.dataset.failed;
      }
    }
  }

  list(problems) {
    this.problems.replaceChildren(
      ...problems.map(({ line, message, must }) => {
        const item = document.createElement("li");
        const jump = document.createElement("button");
        jump.type = "button";
        jump.textContent = `${this.root.dataset.line} ${line}`;
        jump.addEventListener("click", () => this.jump(line));
        item.append(jump, ` ${message}`);
        item.classList.toggle("must", must);
        return item;
      }),
    );
  }

  jump(line) {
    const lines = this.text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    this.text.focus();
    this.text.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  }

  take(event, transfer) {
    const pictures = [...(transfer?.files ?? [])].filter((f) => f.type.startsWith("image/"));
    if (!pictures.length) return;
    event.preventDefault();
    this.upload(pictures);
  }

  async upload(pictures) {
    for (const picture of pictures) {
      const alt = await this.ask(picture);
      if (alt === null) continue;
      this.status.textContent = this.root.dataset.sending;
      try {
        const response = await this.send(this.text.dataset.markdownxUploadUrlsPath, {
          image: picture,
          alt,
        });
        const answer = await response.json();
        if (!response.ok) throw new Error(answer.error);
        this.insert(`\n\n${answer.image_code}\n\n`);
      } catch (error) {
        this.status.textContent = error.message;
      }
    }
  }

  // Asks for the alternative text in a dialog of the page; null when cancelled.
  ask(picture) {
    const { alt, insert, cancel } = this.root.dataset;
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
    const no = document.createElement("button");
    no.type = "button";
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
        this.text.focus();
        resolve(dialog.returnValue === "insert" ? field.value : null);
      });
    });
  }

  insert(words) {
    this.text.focus();
    // The one way that the browser's undo knows of.
    if (!document.execCommand("insertText", false, words)) {
      this.text.setRangeText(words, this.text.selectionStart, this.text.selectionEnd, "end");
    }
    this.later();
  }
}

const start = (within) => {
  for (const root of within.querySelectorAll("[data-editor]:not(.is-live)")) new Editor(root);
};

start(document);
document.addEventListener("formset:added", (event) => start(event.target));
