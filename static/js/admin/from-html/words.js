// Runs of words: one paragraph, heading or cell as Markdown. Within a run a line break is one "\n";
// `linesOf` turns it into the format's own.

import { isLetter } from "./marks.js";

const OURS = /(\[-?@[^[\]]+\]|\[\^\d+\])/; // a sign of the clinic's own format is meant
const ALWAYS = /([\\`*[\]<])/g;
const RAISING = /([\^~])/g;
const ENTITY = /&(?=#?[A-Za-z0-9]+;)/g;
// What would begin a heading, list, quote, callout, rule or code block at the start of a line.
const LINE_START = /^(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|!!!|~~~|=+\s*$|-{2,}\s*$)/;
const NUMBER_START = /^([0-9]{1,9})([.)](?:\s|$))/;
const SIGN = /^[✓✔✗✘•]/;
const signs = (from, to) => new Map([...from].map((sign, place) => [sign, [...to][place]]));
const RAISED = signs("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ");
const LOWERED = signs("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎");
// Raised by nature, or as readable on the line.
const PLAIN_RAISED = /^(?:st|nd|rd|th|[®™©ªº°*†‡§]+|[⁰¹²³⁴-⁹⁺⁻]+)$/i;
// What the format raises or lowers; anything longer stays on the line.
const CAN_BE_RAISED = /^[^\s[\]]{1,80}$/;
const REDIRECT = new RegExp(
  String.raw`^https?://(?:www\.google\.[a-z.]+/url\?(?:[^#]*&)?q|` +
    String.raw`[a-z0-9.]+\.safelinks\.protection\.outlook\.com/\?(?:[^#]*&)?url)=` +
    String.raw`(https?(?::|%3A)[^&#]+)`,
  "i",
);
const EMOJI = /^[^\x00-\u203b]{1,8}$/u;

export const oneLine = (run) => run.split(/\s+/).filter(Boolean).join(" ");

// Writes runs of words.
export class Words {
  constructor(around) {
    this.around = around;
  }

  // The nodes as Markdown, a line break as one "\n".
  run(nodes) {
    return nodes.map((node) => this.one(node)).join("");
  }

  // The nodes as Markdown in one line.
  oneLine(nodes) {
    return oneLine(this.run(nodes));
  }

  // `![alt](address "caption")`; a link, or nothing, where the picture is not at hand.
  picture(node, caption = "") {
    const alt = oneLine(node.get("alt"));
    const isSign = node.classes.some((name) => name === "emoji" || name === "wp-smiley");
    if (alt && (isSign || EMOJI.test(alt))) return this.escape(alt);
    let source = node.get("src");
    if (!source || (source.startsWith("data:") && node.get("data-src"))) {
      source = node.get("data-src", source);
    }
    const isPixel = ["0", "1"].includes(node.get("width")) || ["0", "1"].includes(node.get("height"));
    if (!source || isPixel) return this.escape(caption); // a place holder, or it counts readers
    const found = this.around.picture(source, alt);
    if (found) {
      const title = caption.replaceAll("\\", "").replaceAll('"', "”").replace(ENTITY, "\\&");
      return `![${this.escape(found[1])}](${found[0]}${title ? ` "${title}"` : ""})`;
    }
    const name = source.split("?")[0].split("/").at(-1);
    const isAddress = /^https?:\/\//.test(source);
    this.around.tellOnce("picture", alt || (isAddress ? name : caption));
    const link = isAddress ? `[${this.escape(alt || name)}](${target(source)})` : "";
    return `${link} ${this.escape(caption)}`.trim() || " ";
  }

  // Plain text in which nothing is markup but the signs of our own format.
  escape(words) {
    return words
      .split(OURS)
      .map((part, place) => (place % 2 ? part : this.escaped(part)))
      .join("");
  }

  escaped(words) {
    let out = words.replace(ALWAYS, "\\$1");
    if (this.around.raisesSigns) out = out.replace(RAISING, "\\$1");
    return out
      .replace(/_/g, (sign, at, whole) => {
        const before = [...whole.slice(Math.max(at - 2, 0), at)].at(-1) ?? "";
        return isLetter(before) && isLetter(whole.slice(at + 1)) ? sign : `\\${sign}`;
      })
      .replace(ENTITY, "\\&");
  }

  one(node) {
    switch (node.tag) {
      case "":
        return this.escape(node.text.replace(/[ \t\r\n\f]+/g, " "));
      case "br":
        return "\n";
      case "wbr":
        return "";
      case "img":
        return this.picture(node);
      case "strong":
        return `**${this.run(node.children)}**`;
      case "em":
        return `*${this.run(node.children)}*`;
      case "a":
        return this.link(node);
      case "code":
        return code(node.words);
      case "note":
        return `[^${node.get("number")}]`;
      case "sup":
      case "sub":
        return this.small(node);
      default:
        return this.run(node.children);
    }
  }

  link(node) {
    const inner = this.oneLine(node.children);
    const address = withoutRedirect(node.get("href"));
    const isAnchor = address.startsWith("#");
    const to = inner && !isAnchor ? this.around.link(address) : "";
    if (!to && inner && !isAnchor) this.around.tellOnce("link", address);
    return to ? `[${inner}](${target(to)})` : this.run(node.children);
  }

  // Raised or lowered: as the format has it, or in Unicode's own signs.
  small(node) {
    const { words } = node;
    const isRaised = node.tag === "sup";
    if (!words || (isRaised && PLAIN_RAISED.test(words))) return this.run(node.children);
    if (isRaised && words === "TM") return "™";
    const table = isRaised ? RAISED : LOWERED;
    if (!this.around.raisesSigns && [...words].every((sign) => table.has(sign))) {
      return [...words].map((sign) => table.get(sign)).join("");
    }
    if (node.find("img", "note", "br")) return this.run(node.children);
    const mark = isRaised ? "^" : "~";
    const run = this.run(node.children).trim();
    return CAN_BE_RAISED.test(run) ? `${mark}${run}${mark}` : run;
  }
}

export const longestRun = (words) =>
  Math.max(0, ...(words.match(/`+/g) ?? []).map((run) => run.length));

// Text between as many backticks as it needs.
function code(words) {
  const fence = "`".repeat(longestRun(words) + 1);
  const room = words.startsWith("`") || words.endsWith("`") ? " " : "";
  return words ? `${fence}${room}${words}${room}${fence}` : "";
}

// The paragraphs of a run: two line breaks end one.
export const paragraphsOf = (run) => run.split(/\n(?:[ \t]*\n)+/).map(linesOf).filter(Boolean);

// One paragraph: its lines do not begin anything, and end in the format's line break.
export function linesOf(run) {
  let out = "";
  for (const part of run.trim().split("\n")) {
    const words = part.replace(/[ \t]+/g, " ").trim();
    if (!words) continue;
    const line = words.replace(LINE_START, "\\$1").replace(NUMBER_START, "$1\\$2");
    // Lines that begin with a sign are the items of a list, not broken lines.
    const glue = SIGN.test(line) ? "\n" : "\\\n";
    out = out ? `${out}${glue}${line}` : line;
  }
  return out;
}

// The address behind those through which Google Docs and Outlook lead.
function withoutRedirect(address) {
  const found = address.match(REDIRECT);
  if (!found) return address;
  try {
    return decodeURIComponent(found[1]);
  } catch {
    return address;
  }
}

// An address as the target of a link.
export function target(address) {
  const bare = address.trim().replace(/\s/g, "%20");
  return /[()<>]/.test(bare) ? `<${bare.replaceAll("<", "%3C").replaceAll(">", "%3E")}>` : bare;
}
