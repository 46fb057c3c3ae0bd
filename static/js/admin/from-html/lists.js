// Lists: paragraphs of Word become some, and each list is nested in an item of another.

import { Node, text } from "./tree.js";

const LEVEL = /\blevel(\d)/;
const ORDERED = /^\(?((?:\d+\.)*)(\d+|[a-z]{1,2}|[ivxlcdm]+)[.):]?\)?$/i;
const TYPED_SIGN = /^\s*(?:[·•●▪■◦○–§\uf0b7\uf0a7]|o(?=\s{2})|(\d+)[.)])\s+/;
const LISTS = ["ul", "ol"];
const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"];
const LETTERED = /(?:upper|lower)-(?:alpha|latin|roman|greek)/;

const isNumber = (value) => /^\d{1,9}$/.test(value);
const says = (node) => Boolean(node.tag || node.text.trim());

// Word writes lists as paragraphs that begin with a sign, and on the web each item as a list of its
// own: make them lists.
export function buildWordLists(root, around) {
  for (const node of [...root.walk()]) {
    if (node.children.some(mayBeItem)) node.children = [...withLists(node.children, around)];
  }
}

function mayBeItem(node) {
  return (
    node.classes.some((name) => name.startsWith("MsoListParagraph")) ||
    (node.style["mso-list"] ?? "").includes("level") ||
    node.classes.includes("ListContainerWrapper")
  );
}

function* withLists(nodes, around) {
  let items = [];
  for (const node of nodes) {
    const found = mayBeItem(node) ? itemsOf(node, around) : [];
    if (found.length) {
      items.push(...found);
    } else if (items.length && mayBeItem(node) && node.tag === "p") {
      items.at(-1).content.push(node); // a further paragraph of the item above
    } else if (says(node)) {
      yield* nested(items);
      items = [];
      yield node;
    }
  }
  yield* nested(items);
}

// Each is { level, tag, start, family, content }; items of one list share their family.
function itemsOf(node, around) {
  if (node.classes.includes("ListContainerWrapper")) return [...itemsOfTheWeb(node, around)];
  const list = node.style["mso-list"] ?? "";
  const level = Number(list.match(LEVEL)?.[1] ?? 1);
  const family = list.replace(`level${level}`, "");
  const inside = [...node.walk()];
  const sign = inside.find((part) => (part.style["mso-list"] ?? "").startsWith("ignore"));
  let said = sign ? sign.words : "";
  if (sign) {
    sign.children = [];
  } else {
    const typed = inside.map((part) => part.text).join("").match(TYPED_SIGN);
    if (!typed) return [];
    said = typed[1] ? `${typed[1]}.` : "•";
    cutStart(node, typed[0].length);
  }
  if (HEADINGS.includes(node.tag)) {
    if (sign) sign.children = [text(`${said} `)];
    return [];
  }
  const number = said === "o" ? null : said.match(ORDERED);
  if (number?.[1]) {
    around.tellOnce("numbering", said);
  } else if (number && !isNumber(number[2])) {
    around.tellOnce("numbering", /^[ivx]+$/i.test(number[2]) ? "i, ii, iii" : "a, b, c");
  }
  const start = number && isNumber(number[2]) ? Number(number[2]) : 1;
  return [{ level, tag: number ? "ol" : "ul", start, family, content: [...node.children] }];
}

function* itemsOfTheWeb(node, around) {
  for (const group of node.walk()) {
    if (!LISTS.includes(group.tag)) continue;
    tellOfLetters(group, around);
    for (const item of group.children) {
      if (item.tag !== "li") continue;
      const level = item.get("data-aria-level", "1");
      yield {
        level: isNumber(level) ? Number(level) : 1,
        tag: group.tag,
        start: isNumber(group.get("start")) ? Number(group.get("start")) : 1,
        family: item.get("data-listid"),
        content: [...item.children],
      };
    }
  }
}

// Lists within lists, by the level of their items.
function* nested(items) {
  const open = [];
  for (const item of items) {
    while (open.length && open.at(-1).item.level > item.level) open.pop();
    const entry = new Node("li", { children: [...item.content] });
    if (open.length && open.at(-1).item.level === item.level) {
      const { item: first, group } = open.at(-1);
      if (first.tag === item.tag && first.family === item.family) {
        group.children.push(entry);
        continue;
      }
      open.pop();
    }
    const attributes = item.tag === "ol" && item.start !== 1 ? { start: String(item.start) } : {};
    const group = new Node(item.tag, { attributes, children: [entry] });
    if (open.length) open.at(-1).group.children.at(-1).children.push(group);
    else yield group;
    open.push({ item, group });
  }
}

function cutStart(node, length) {
  for (const part of node.walk()) {
    const cut = Math.min(length, part.text.length);
    part.text = part.text.slice(cut);
    length -= cut;
  }
}

// Each list holds items, each list within an item; numbers that go on are one list.
export function mendLists(root, around) {
  for (const node of [...root.walk()]) {
    if (LISTS.includes(node.tag)) {
      tellOfLetters(node, around);
      node.children = onlyItems(node);
    } else if (node.children.some((child) => child.tag === "li")) {
      node.children = [...withHomes(node.children)];
    }
  }
  for (const node of [...root.walk()]) {
    if (node.children.some((child) => child.tag === "ol")) {
      node.children = [...withJoinedNumbers(splitByNumbers(node.children))];
    }
  }
}

function tellOfLetters(node, around) {
  if (node.tag !== "ol") return;
  const kind = node.get("type");
  const style = `${node.style["list-style-type"] ?? ""} ${node.style["list-style"] ?? ""}`;
  if (node.has("reversed")) around.tellOnce("numbering", "3, 2, 1");
  else if (/^i$/i.test(kind) || style.includes("roman")) around.tellOnce("numbering", "i, ii, iii");
  else if (/^a$/i.test(kind) || LETTERED.test(style)) around.tellOnce("numbering", "a, b, c");
}

function onlyItems(node) {
  const items = [];
  for (const child of node.children) {
    if (child.tag === "li") items.push(child);
    else if (LISTS.includes(child.tag) && items.length) items.at(-1).children.push(child);
    else if (child.find("ul", "ol")) items.push(...onlyItems(child));
    else if (child.words || child.find("img")) items.push(new Node("li", { children: [child] }));
  }
  return items;
}

// Items that lie in no list, as a list.
function* withHomes(nodes) {
  let items = [];
  for (const node of nodes) {
    if (node.tag === "li") {
      items.push(node);
    } else if (says(node)) {
      if (items.length) yield new Node("ul", { children: items });
      items = [];
      yield node;
    }
  }
  if (items.length) yield new Node("ul", { children: items });
}

function numberOf(node, name) {
  const value = node.get(name).trim();
  return isNumber(value) ? Number(value) : null;
}

// An item with a number of its own begins a list.
function* splitByNumbers(nodes) {
  for (const node of nodes) {
    if (node.tag !== "ol") {
      yield node;
      continue;
    }
    let start = numberOf(node, "start") ?? 1;
    let group = new Node("ol", { attributes: { start: String(start) } });
    for (const item of node.children) {
      const value = numberOf(item, "value");
      if (value !== null && value !== start + group.children.length) {
        if (group.children.length) yield group;
        start = value;
        group = new Node("ol", { attributes: { start: String(start) } });
      }
      group.children.push(item);
    }
    yield group;
  }
}

function* withJoinedNumbers(nodes) {
  let last = null;
  for (const node of nodes) {
    if (last && node.tag === "ol") {
      if (numberOf(node, "start") === (numberOf(last, "start") ?? 0) + last.children.length) {
        last.children.push(...node.children);
        continue;
      }
    }
    if (last && !says(node)) continue;
    if (last) yield last;
    last = node.tag === "ol" ? node : null;
    if (!last) yield node;
  }
  if (last) yield last;
}

// Says of each item of a check list that it is one, and whether it is ticked.
export function markChecklists(root, around) {
  const ticked = [];
  let isOpen = false;
  const isBox = (node) => node?.get("type") === "checkbox";
  for (const node of root.walk()) {
    if (node.tag !== "li") continue;
    let box = node.children.find(isBox);
    const first = node.children[0];
    if (!box && first && ["p", "label", "div"].includes(first.tag) && isBox(first.children[0])) {
      box = first.children[0];
    }
    let isTicked;
    if (box?.tag === "input") isTicked = box.has("checked");
    else if (node.get("role") === "checkbox") isTicked = node.get("aria-checked") === "true";
    else continue;
    node.attributes["data-check"] = isTicked ? "ticked" : "open";
    node.remove(
      (part) =>
        isBox(part) ||
        (part.tag === "img" && part.get("aria-roledescription").includes("checkbox")),
    );
    if (isTicked) ticked.push(node.words);
    else isOpen = true;
  }
  if (isOpen) for (const words of ticked) around.tellOnce("ticked", words);
}
