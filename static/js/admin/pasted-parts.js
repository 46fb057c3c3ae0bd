// What a pasted article holds in words that this site has a place for: a summary, a list of key takeaways
// and questions with their answers (fields of their own), and paragraphs that begin with "Tip:" or the
// like (boxes). It is offered; nothing is changed unasked, and no word is left out.

const QUESTIONS = /^(faqs?|frequently asked questions|(common )?questions( (and|&) answers)?|q ?& ?a)$/i;
const TAKEAWAYS = /^((key )?takeaways|key (points|messages))$/i;
const SUMMARY = /^(in short|in brief|tl;? ?dr|summary|the short answer)$/i;
const LABELS = [
  ["insight", /^(expert |clinical |our )?insight$/i],
  ["case", /^((case|patient) )?(example|study|story)$/i],
  ["tip", /^((pro|expert|quick) )?tip$/i],
  ["warning", /^(warning|caution)$/i],
];
const LABELLED = /^(?!(?:[-#>|✓✔✗✘•]+|\d+[.)])\s)(?:\*\*)?([^*\n:"]{1,40}?)(?:\*\*)?:(?:\*\*)? +(\S[^]*)$/;
const BOLD = 5; // a bold line is a heading below all others
const BLOCK = /^(?:[-#>|•✓✔✗✘]|!!!|\d+[.)] )/; // no paragraph
const NOTE = /^\[\^[^\]]+\]:/;
const LONGEST_QUESTION = 200; // characters, as articles.models.Question
const LONGEST_SUMMARY = 600; // as articles.models.Article

function headOf(block) {
  const [, signs, words] = block.match(/^(#{2,4}) (.*)$/) ?? [];
  if (signs) return { level: signs.length, words };
  const [, bold] = block.match(/^\*\*([^*\n]+)\*\*$/) ?? [];
  return bold ? { level: BOLD, words: bold } : null;
}

// Where the part with this heading is, as {start, end} of its blocks behind the heading, or null.
function sectionOf(blocks, heading) {
  const start = blocks.findIndex((block) => heading.test(headOf(block)?.words.replace(/:\s*$/, "").trim() ?? ""));
  if (start < 0) return null;
  const { level } = headOf(blocks[start]);
  const ends = (block) => {
    const head = headOf(block);
    if (NOTE.test(block)) return true;
    return head !== null && head.level <= level && !(head.level === BOLD && head.words.endsWith("?"));
  };
  const length = blocks.slice(start + 1).findIndex(ends);
  return { start, end: length < 0 ? blocks.length : start + 1 + length };
}

// A question without marks; null if it holds what a question cannot, such as a link.
function plain(words) {
  const bare = words.replace(/(?<!\\)\*/g, "");
  if (/(?<!\\)[[\]`^~]|@\w/.test(bare)) return null;
  return bare.replace(/\\([!-/:-@[-`{-~])/g, "$1").trim();
}

// {rest, found} where the text has questions, or null.
export function splitQuestions(markdown) {
  const blocks = markdown.split("\n\n");
  const section = sectionOf(blocks, QUESTIONS);
  if (!section) return null;
  const inside = blocks.slice(section.start + 1, section.end);
  const hasHeads = inside.some(headOf);
  const intro = [];
  const found = [];
  for (const block of inside) {
    const asked = hasHeads ? headOf(block)?.words : block.match(/^[^\n]+\?$/)?.[0];
    if (asked) found.push({ question: plain(asked), blocks: [] });
    else (found.at(-1)?.blocks ?? intro).push(block);
  }
  const answers = found.map(({ question, blocks: said }) => ({ question, answer: said.join("\n\n") }));
  const fits = ({ question, answer }) =>
    question && question.length <= LONGEST_QUESTION && answer && !answer.includes("[^");
  if (!answers.length || !answers.every(fits)) return null;
  const before = blocks.slice(0, section.start + (intro.length ? 1 : 0));
  return { rest: [...before, ...intro, ...blocks.slice(section.end)].join("\n\n"), found: answers };
}

export function splitTakeaways(markdown) {
  const blocks = markdown.split("\n\n");
  const section = sectionOf(blocks, TAKEAWAYS);
  const items = section ? blocks.slice(section.start + 1, section.end)[0]?.split("\n") : null;
  if (!items?.every((item) => /^[-•] \S/.test(item) && !item.includes("[^"))) return null;
  const rest = [...blocks.slice(0, section.start), ...blocks.slice(section.start + 2)].join("\n\n");
  return { rest, found: items.map((item) => item.slice(2)) };
}

// The paragraph that says of itself that it is the summary, without that label: {rest, found}, or null.
export function splitSummary(markdown) {
  const blocks = markdown.split("\n\n");
  const labelled = blocks.findIndex((block) => SUMMARY.test(block.match(LABELLED)?.[1].trim() ?? ""));
  const section = labelled < 0 ? sectionOf(blocks, SUMMARY) : { start: labelled, end: labelled + 1 };
  if (!section || section.end - section.start > 2) return null;
  const [words] = blocks.slice(section.start, section.end).slice(-1);
  const said = plain(labelled < 0 ? words : words.match(LABELLED)[2]);
  const isParagraph = labelled >= 0 || (section.end - section.start === 2 && !BLOCK.test(words));
  if (!said || !isParagraph || said.length > LONGEST_SUMMARY) return null;
  const rest = [...blocks.slice(0, section.start), ...blocks.slice(section.end)].join("\n\n");
  return { rest, found: [said.replaceAll("\n", " ")] };
}

// Paragraphs with such a label in boxes, whose titles are the labels.
export function splitBoxes(markdown) {
  const found = [];
  const blocks = markdown.split("\n\n").map((block) => {
    const [, title, words] = block.match(LABELLED) ?? [];
    const label = title?.replace(/[^\p{L} ]/gu, "").trim();
    const kind = label && LABELS.find(([, names]) => names.test(label))?.[0];
    if (!kind) return block;
    found.push(title);
    return `!!! ${kind} "${title.trim()}"\n    ${words.replaceAll("\n", "\n    ")}`;
  });
  return found.length ? { rest: blocks.join("\n\n"), found } : null;
}

function fill(field, words) {
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function fillQuestions(found) {
  const group = document.querySelector("#questions-group");
  group.querySelector("details")?.setAttribute("open", "");
  for (const { question, answer } of found) {
    const number = document.querySelector("#id_questions-TOTAL_FORMS").value;
    group.querySelector(".add-row a").click();
    fill(document.querySelector(`#id_questions-${number}-question`), question);
    fill(document.querySelector(`#id_questions-${number}-answer`), answer);
  }
}

const PARTS = [
  { label: "makeBoxes", split: splitBoxes, isFree: () => true, move: () => {} },
  {
    label: "moveSummary",
    split: splitSummary,
    isFree: () => document.querySelector("#id_summary")?.value === "",
    move: ([words]) => fill(document.querySelector("#id_summary"), words),
  },
  {
    label: "moveTakeaways",
    split: splitTakeaways,
    isFree: () => document.querySelector("#id_takeaways")?.value === "",
    move: (found) => fill(document.querySelector("#id_takeaways"), found.join("\n")),
  },
  {
    label: "moveQuestions",
    split: splitQuestions,
    isFree: () => document.querySelector("#questions-group .add-row a") !== null,
    move: fillQuestions,
  },
];

// What of a pasted text can be moved or put into boxes, as {label, move, without}: `without(markdown)` is the text
// that is then in its place. Only in the text of an article, whose page has such fields.
export function partsOf({ text, root }, markdown) {
  if (text.id !== "id_body") return [];
  return PARTS.flatMap(({ label, split, isFree, move }) => {
    const part = root.dataset[label] && isFree() ? split(markdown) : null;
    if (!part) return [];
    const words = root.dataset[label].replace("{count}", part.found.length);
    return [{ label: words, move: () => move(part.found), without: (all) => split(all)?.rest ?? all }];
  });
}
