// Plain text, from a PDF, an email or a notepad, in the writing format: each line a paragraph, lists
// recognised, lines that were only broken to fit joined again.

import { cleaned } from "./normalise.js";
import { surroundings } from "./told.js";
import { linesOf, Words } from "./words.js";

// Somebody pastes the format itself: it is left as it is.
const OURS =
  /^#{2,4} \S|\*\*\S[^*\n]*\*\*|\]\((?:https?:|\/|mailto:|tel:|[a-z]+:[a-z0-9-]*\))|^!!! [a-z]|\[-?@\w|^\[\^\w+\]:|^> |^```|^\|.+\|$/m;
const BULLET = /^([•●▪■◦‣·*–-]|o(?=\s))\s+(?=\S)/;
const NUMBER = /^\(?(\d{1,3})[.)]\s+(?=\S)/;
const SIGN = /^[✓✔✗✘]/;
const LONG_ENOUGH = 45; // characters; shorter lines were not broken to fit
const ENDS_SENTENCE = /[.!?:;…]["”’)]*$/;

// Returns { markdown, told }, as `markdownFromHTML` does.
export function markdownFromText(words, options = {}) {
  const told = [];
  const around = surroundings({ ...options, tell: (kind, said) => told.push([kind, said]) });
  const clean = cleaned(words.replace(/\r\n?/g, "\n")).trim();
  if (OURS.test(clean)) return { markdown: clean, told };
  const writer = new Words(around);
  const blocks = [];
  for (const { mark, lines } of groupsOf(joined(clean.split("\n"), around))) {
    if (mark === "list") {
      blocks.push(listOf(lines, (said) => linesOf(writer.escape(said))));
    } else if (mark === "signs") {
      blocks.push(lines.map((line) => writer.escape(line.trim())).join("\n"));
    } else {
      blocks.push(...lines.map((line) => linesOf(writer.escape(line))));
    }
  }
  return { markdown: blocks.filter(Boolean).join("\n\n"), told };
}

const isItem = (line) => BULLET.test(line.trim()) || NUMBER.test(line.trim());

// Lines that were broken to fit, as PDFs give them, in one.
function joined(lines, around) {
  const longest = Math.max(...lines.map((line) => line.trim().length));
  const isFull = (line, share) =>
    line.length >= LONG_ENOUGH && line.length >= share * longest && line.length > 0;
  const goesOn = (line, next) =>
    next &&
    !isItem(next) &&
    !SIGN.test(next) &&
    line.length >= LONG_ENOUGH &&
    !ENDS_SENTENCE.test(line) &&
    (/^\p{Ll}/u.test(next) || isFull(line, 0.75));
  const pairs = lines.map((line, place) => [line.trim(), lines[place + 1]?.trim()]);
  const broken = pairs.filter(([line, next]) => goesOn(line, next));
  const isBroken = broken.length > 1 || broken.some(([, next]) => /^\p{Ll}/u.test(next));
  const out = [];
  let isOpen = false;
  let last = "";
  for (const line of lines) {
    const next = line.trim();
    const follows =
      isOpen &&
      isBroken &&
      (goesOn(last, next) || (next && !isItem(next) && !SIGN.test(next) && isFull(last, 0.85)));
    if (!follows) {
      out.push(line);
    } else if (/\p{L}-$/u.test(last) && /^\p{Ll}/u.test(next)) {
      const halves = [out.at(-1).match(/[\p{L}-]+(?=-$)/u)[0], next.match(/^\p{L}+/u)[0]];
      around.tellOnce("divided", halves.join(""));
      out[out.length - 1] = out.at(-1).replace(/-$/, "") + next;
    } else {
      out[out.length - 1] += ` ${next}`;
    }
    isOpen = Boolean(next);
    last = next;
  }
  return out;
}

// Lines of one kind that follow each other; an empty line between items does not end their list.
function groupsOf(lines) {
  const groups = [];
  for (const line of lines) {
    const said = line.trim();
    if (!said) continue;
    const mark = SIGN.test(said) ? "signs" : isItem(said) ? "list" : "text";
    if (groups.at(-1)?.mark === mark) groups.at(-1).lines.push(line);
    else groups.push({ mark, lines: [line] });
  }
  // A dash or a number alone begins no list.
  for (const group of groups) {
    const isLone = group.lines.length === 1 && !/^\s*[•●▪■◦‣]/.test(group.lines[0]);
    if (group.mark === "list" && isLone) group.mark = "text";
  }
  return groups;
}

function listOf(lines, write) {
  const depths = []; // indents of the open lists, and how far their content is indented
  const out = [];
  for (const line of lines) {
    const indent = line.match(/^\s*/)[0].replaceAll("\t", "    ").length;
    while (depths.length > 1 && depths.at(-1).indent > indent) depths.pop();
    if (!depths.length || indent > depths.at(-1).indent + 1) {
      depths.push({ indent, before: (depths.at(-1)?.before ?? 0) + (depths.at(-1)?.width ?? 0) });
    }
    const said = line.trim();
    const number = said.match(NUMBER);
    const marker = number ? `${number[1]}. ` : "- ";
    depths.at(-1).width = marker.length;
    const rest = said.slice((number ?? said.match(BULLET))[0].length);
    out.push(" ".repeat(depths.at(-1).before) + marker + write(rest));
  }
  return out.join("\n");
}
