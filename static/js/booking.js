// The booking form a group at a time, and at the end all answers to look over. Without this script,
// and after an error, all groups show.
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
  let at = 0;
  let corrects = false; // came from the last step, and goes back there

  function list() {
    const rows = groups.slice(0, -1).flatMap((group, step) =>
      [...group.querySelectorAll(":scope > .field")].map((field) => {
        const label = field.querySelector("legend, label");
        const question = label.firstChild.textContent.trim();
        return row(question, answer(field) || form.dataset.nothing, () => {
          show(step, { focus: false });
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

  // Open times are those of whom and what was chosen when the page was made.
  const whom = "[name=practitioner]:checked, [name=location]:checked";
  const chosen = () => [...form.querySelectorAll(whom)].map(({ id }) => id).join();
  const made = chosen();
  const times = form.querySelector("[name=times]");
  if (times) times.hidden = true; // pressed when one goes on

  function goOn() {
    if (lacks(groups[at])) form.submit();
    else if (at === 0 && times && chosen() !== made) times.click();
    else show(corrects ? groups.length - 1 : at + 1, { focus: true });
  }

  next.addEventListener("click", goOn);
  back.addEventListener("click", () => show(at - 1, { focus: true }));
  // Enter in a field goes on instead of sending a form that is not seen yet.
  form.addEventListener("submit", (event) => {
    if (at === groups.length - 1 || event.submitter?.name) return; // buttons with a name go elsewhere
    event.preventDefault();
    goOn();
  });
  const first = groups.findIndex((group) => group.dataset.group === form.dataset.begin);
  show(Math.max(first, 0), { focus: first > 0 });
}

if (groups.length > 1 && end && !document.querySelector(".errors")) begin();
