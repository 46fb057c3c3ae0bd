// Unsaved work survives: kept in this browser at once, on the site every few seconds, and offered
// back on return. Also tells who else has the text open.

const LOCAL_PAUSE = 250; // milliseconds after a key
const SITE_PAUSE = 3000; // at most this often
const HEARTBEAT = 40_000;
const KEPT = ["text", "number", "date", "time", "checkbox"]; // types of input fields
const SKIP = /^(csrfmiddlewaretoken|opened_revision|_.*|.*-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS)$/;

class Drafts {
  constructor(desk) {
    this.desk = desk;
    this.form = desk.closest("form") ?? document.querySelector("#article_form");
    this.status = this.form.querySelector("[data-keeping]");
    this.key = `unsaved:${desk.dataset.person}:${desk.dataset.article || "new"}`;
    this.saved = JSON.stringify(this.read()); // as the page came from the site
    this.kept = this.saved;
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("change", () => this.changed());
    // Lists that search tell of a choice by events of their own library alone.
    window.django?.jQuery(this.form).on("change", "select", () => this.changed());
    this.form.addEventListener("submit", () => this.keepHere());
    addEventListener("pagehide", () => this.keepHere());
    setInterval(() => this.tell(), HEARTBEAT);
    this.start();
  }

  fields() {
    return [...this.form.elements].filter(
      (field) =>
        field.name &&
        !SKIP.test(field.name) &&
        !field.name.includes("__prefix__") &&
        (["TEXTAREA", "SELECT"].includes(field.tagName) || KEPT.includes(field.type)),
    );
  }

  read() {
    return Object.fromEntries(this.fields().map((field) => [field.name, valueOf(field)]));
  }

  changed() {
    clearTimeout(this.local);
    this.local = setTimeout(() => this.keepHere(), LOCAL_PAUSE);
    this.site ??= setTimeout(() => this.keepThere(), SITE_PAUSE);
  }

  keepHere() {
    const now = JSON.stringify(this.read());
    if (now === this.kept) return;
    try {
      localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), fields: JSON.parse(now) }));
    } catch {
      // No room or not allowed: the site keeps it.
    }
  }

  async keepThere() {
    this.site = undefined;
    const now = JSON.stringify(this.read());
    if (now === this.kept) return;
    // Back to what is saved: nothing is left to keep.
    const fields = now === this.saved ? "{}" : now;
    const answer = await this.ask({ fields, revision: this.revision() });
    if (!answer) {
      this.status.textContent = this.desk.dataset.local;
      this.site ??= setTimeout(() => this.keepThere(), 2 * SITE_PAUSE);
      return;
    }
    this.kept = now;
    if (JSON.stringify(this.read()) === now) localStorage.removeItem(this.key);
    this.status.textContent = answer.saved_at
      ? `${this.desk.dataset.kept}: ${answer.saved_at}`
      : "";
  }

  revision() {
    return this.form.elements.opened_revision?.value ?? "";
  }

  // POST with fields, or GET without; null if the site does not answer or asks to sign in.
  async ask(fields) {
    const { url, article } = this.desk.dataset;
    const read = () => fetch(`${url}?article=${article}`, { redirect: "manual" });
    const send = () => {
      const body = new FormData();
      body.append("article", article);
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      const token = this.form.elements.csrfmiddlewaretoken;
      const headers = { "X-CSRFToken": (token?.[0] ?? token)?.value ?? "" };
      return fetch(url, { method: "POST", body, headers, redirect: "manual" });
    };
    try {
      let response = fields ? await send() : await read();
      if (fields && response.status === 403) {
        // Signed in again in another tab: the token of this page is an old one.
        const fresh = await read();
        if (!fresh.ok) return null;
        this.renew((await fresh.json()).token);
        response = await send();
      }
      if (!response.ok) return null;
      const answer = await response.json();
      this.renew(answer.token);
      this.others(answer.others);
      return answer;
    } catch {
      return null;
    }
  }

  renew(token) {
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) {
      field.value = token;
    }
  }

  others(people) {
    const { here } = this.desk.dataset;
    const said = people.map((p) => here.replace("{since}", p.since).replace("{name}", p.name));
    const place = this.desk.querySelector("[data-others]");
    if (place.textContent.trim() !== said.join(" ")) place.textContent = said.join(" ");
  }

  tell() {
    if (document.visibilityState === "visible") this.ask({});
  }

  async start() {
    let mine = null;
    try {
      mine = JSON.parse(localStorage.getItem(this.key))?.fields ?? null;
    } catch {
      // Nothing readable is there.
    }
    const answer = await this.ask({});
    const found = mine ?? answer?.fields ?? {};
    const now = this.read();
    const differs = Object.entries(found).some(
      ([name, value]) => plain(value) !== plain(now[name] ?? ""),
    );
    if (differs) this.offer(found);
    else localStorage.removeItem(this.key);
    this.desk.dataset.asked = "";
  }

  offer(found) {
    const place = this.desk.querySelector("[data-offer]");
    const words = document.createElement("p");
    words.textContent = this.desk.dataset.found;
    const button = (label, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "button";
      made.textContent = label;
      made.addEventListener("click", () => {
        place.hidden = true;
        act();
      });
      return made;
    };
    place.replaceChildren(
      words,
      button(this.desk.dataset.take, () => this.takeBack(found)),
      " ",
      button(this.desk.dataset.drop, () => this.drop()),
    );
    place.hidden = false;
  }

  async takeBack(found) {
    const questions = Object.keys(found).filter((name) => /^questions-\d+-question$/.test(name));
    for (const name of questions) {
      if (this.form.elements[name]) continue;
      this.form.querySelector("#questions-group .add-row button, #questions-group .add-row a")?.click();
    }
    for (const field of this.fields()) {
      if (!(field.name in found)) continue;
      put(field, found[field.name]);
      for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  }

  async drop() {
    localStorage.removeItem(this.key);
    await this.ask({ fields: "{}" });
  }
}

// As text; what is chosen in a list as JSON with its names, which the list need not hold later.
function valueOf(field) {
  if (field.type === "checkbox") return field.checked ? field.value : "";
  if (field.tagName !== "SELECT") return field.value;
  const chosen = [...field.selectedOptions].filter((option) => option.value);
  return JSON.stringify(chosen.map(({ value, text }) => [value, text]));
}

function put(field, kept) {
  if (field.type === "checkbox") field.checked = kept !== "";
  else if (field.tagName !== "SELECT") field.value = kept;
  else {
    const chosen = new Map(chosenIn(kept) ?? []);
    const present = new Set([...field.options].map(({ value }) => value));
    for (const [value, text] of chosen) {
      if (!present.has(value)) field.append(new Option(text, value));
    }
    for (const option of field.options) option.selected = chosen.has(option.value);
    if (!field.multiple && !chosen.size) field.value = "";
  }
}

// Pairs of value and name; null for what is no list of choices.
function chosenIn(kept) {
  try {
    const pairs = JSON.parse(kept);
    return Array.isArray(pairs) && pairs.every(Array.isArray) ? pairs : null;
  } catch {
    return null;
  }
}

// Line ends differ between what a form sends and what it shows, names and order of choices with time.
function plain(value) {
  const chosen = chosenIn(value)?.map(([id]) => id);
  return chosen ? chosen.sort().join() : String(value).replace(/\r\n?/g, "\n").trimEnd();
}

const desk = document.querySelector("[data-desk]");
if (desk) new Drafts(desk);
