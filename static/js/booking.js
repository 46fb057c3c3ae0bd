// The booking form a group at a time, and at the end all answers to look over. Each group is a step of
// the browser's history. After an error the first group with one shows. Without this script, all do.
const form = document.querySelector("form[data-steps]");
const another = form?.querySelector("[name=another]"); // leads back to the choice of a service
const groups = [...(form?.querySelectorAll("[data-group]") ?? [])];
const end = form?.querySelector("[data-group-end]");

function button(label, style) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button ${style}`;
  made.textContent = label;
  return made;
}

// What was answered to one question, in the words of the page; empty where nothing was.
function answer(field) {
  const chosen = [...field.querySelectorAll(":checked:not(option)")];
  if (chosen.length) return chosen.map((box) => box.parentElement.textContent.trim()).join(", ");
  const select = field.querySelector("select");
  if (select) return select.value && select.selectedOptions[0].textContent.trim();
  return field.querySelector("input:not([type=radio], [type=checkbox]), textarea")?.value.trim() ?? "";
}

function row(question, words, press) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  term.textContent = question;
  const said = document.createElement("dd");
  said.textContent = words;
  const change = document.createElement("dd");
  const link = button(form.dataset.change, "");
  link.className = "change";
  const which = document.createElement("span");
  which.className = "visually-hidden";
  which.textContent = ` ${question}`;
  link.append(which);
  link.addEventListener("click", press);
  change.append(link);
  line.append(term, said, change);
  return line;
}

// What the server would not take. It says so itself, in its own words, with all that was written.
function lacks(group) {
  const { phone, email } = form.elements;
  const reached = phone.value.trim() || email.value.trim();
  return group.querySelector(":invalid") || (group.contains(phone) && !reached);
}

function begin() {
  const check = groups.at(-1);
  const answers = document.createElement("dl");
  answers.className = "facts answers";
  check.querySelector("[data-above]").replaceWith(answers);
  const items = [...document.querySelectorAll(".steps > li")].slice(1); // the first is done
  const words = document.querySelector(".step-words");
  const next = button(form.dataset.next, "");
  const back = button(form.dataset.back, "outline");
  const ways = document.createElement("div");
  ways.className = "actions";
  ways.append(next, back);
  end.before(ways);
  const faulty = document.querySelector(".errors");
  const isFaulty = (group) => group.querySelector(".has-error");
  let at = 0;
  let corrects = false; // came from the last step, and goes back there

  // Of a child only where one comes.
  function isAsked(field) {
    return !field.closest(".of-child, .trap") || (field.closest(".of-child") && isChild());
  }

  function list() {
    const rows = groups.slice(0, -1).flatMap((group, step) =>
      [...group.querySelectorAll(".field")].filter(isAsked).map((field) => {
        const label = field.querySelector("legend, label");
        const said = label.querySelector(":scope > input ~ span") ?? label.firstChild; // of one box
        const question = said.textContent.trim();
        return row(question, answer(field) || form.dataset.nothing, () => {
          enter(step, { focus: false });
          corrects = true;
          field.querySelector(":checked, select, textarea, input")?.focus();
          field.scrollIntoView({ block: "center" });
        });
      }),
    );
    const { question, answer: asked } = another.dataset;
    answers.replaceChildren(row(question, asked, () => another.click()), ...rows);
  }

  function show(step, { focus }) {
    at = step;
    corrects = false;
    const last = at === groups.length - 1;
    groups.forEach((group, index) => (group.hidden = index !== at));
    items.forEach((item, index) => {
      item.className = index < at ? "done" : "";
      if (index === at) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
    words.textContent = form.dataset.words
      .replace("{step}", at + 2)
      .replace("{total}", groups.length + 1);
    (last ? end.querySelector(".actions") : ways).append(back);
    if (last) list();
    next.hidden = last;
    back.hidden = at === 0;
    end.hidden = !last;
    if (!focus) return;
    const head = groups[at].querySelector("h2");
    head.tabIndex = -1;
    head.focus();
    head.scrollIntoView({ block: "center" });
  }

  // Open times are those of whom and what was chosen when the page was made, and choices that exclude
  // each other are refused before one goes on: both by the server.
  const whom = "[name=practitioner]:checked, [name=location]:checked, [name=language]";
  const chosen = () => [...form.querySelectorAll(whom)].map(({ id, value }) => id + value).join();
  const made = chosen();
  const times = form.querySelector("[name=times]"); // pressed when one goes on
  times.hidden = true;

  function isChild() {
    return form.querySelector("[name=for_whom][value=child]:checked") !== null;
  }

  function lacksChild() {
    const { child_name: name, child_age: age } = form.elements;
    return isChild() && !(name.value.trim() && age.value.trim());
  }

  function goOn() {
    if (at === 0 && (lacksChild() || chosen() !== made)) times.click();
    else if (lacks(groups[at])) form.submit();
    else {
      const step = corrects ? groups.length - 1 : at + 1;
      if (!groups.slice(step).some(isFaulty)) faulty?.remove();
      enter(step, { focus: true });
    }
  }

  // Show a step, and let Back return to the one before. The hash names it: unlike pushState, which
  // makes the page one that was not sent, it leaves reloading and coming back as they are.
  const hash = (step) => `#step-${groups[step].dataset.group}`;
  const named = () => groups.findIndex((_group, step) => hash(step) === location.hash);

  function enter(step, how) {
    show(step, how);
    location.hash = hash(step);
  }

  addEventListener("hashchange", () => {
    const step = Math.max(named(), 0);
    if (step !== at) show(step, { focus: true });
  });
  next.addEventListener("click", goOn);
  back.addEventListener("click", () => history.back());
  // A link to an error shows its group first.
  faulty?.addEventListener("click", (event) => {
    const target = document.getElementById(event.target.closest("a")?.hash.slice(1));
    const step = groups.findIndex((group) => group.contains(target));
    if (step < 0) return;
    event.preventDefault();
    if (step !== at) enter(step, { focus: false });
    target.focus();
    target.scrollIntoView({ block: "center" });
  });
  // Enter in a field goes on instead of sending a form that is not seen yet.
  form.addEventListener("submit", (event) => {
    if (at === groups.length - 1 || event.submitter?.name) return; // buttons with a name go elsewhere
    event.preventDefault();
    goOn();
  });
  let first = groups.findIndex((group) => group.dataset.group === form.dataset.begin);
  if (faulty) first = groups.findIndex(isFaulty);
  if (faulty && first < 0) first = groups.length - 1;
  if (named() >= 0) first = named(); // reloaded, or come back to
  else if (first > 0) {
    // While a page loads, a new hash takes the place of the old.
    addEventListener("load", () => setTimeout(() => {
      for (let step = 1; step <= first; step++) location.hash = hash(step);
    }));
  }
  first = Math.max(first, 0);
  show(first, { focus: first > 0 && !faulty });
}

if (groups.length > 1 && end) begin();
