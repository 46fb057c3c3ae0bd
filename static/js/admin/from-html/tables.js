// Tables: laid out on a grid, and those that are only a frame taken apart.

import { Node } from "./tree.js";

const CELLS = ["td", "th"];
const MOST = 100; // columns or rows that one cell may span

// Replaces each table that holds one cell, or headings, by what it holds.
export function unwrapFrames(root) {
  root.rewrite((node) => {
    if (node.tag !== "table") return null;
    const cells = [...rowsOf(node)].flatMap((row) => cellsOf(row));
    const isFrame =
      cells.length === 1 ||
      cells.some((cell) => cell.find("h1", "h2", "h3", "h4", "h5", "h6", "table"));
    return isFrame ? cells.map((cell) => new Node("div", { children: cell.children })) : null;
  });
}

const cellsOf = (row) => row.children.filter((part) => CELLS.includes(part.tag));

// The table on a grid: { caption, rows }, the first row its head. A cell that spans several has its
// words in the first of them.
export function tableOf(node, around) {
  const table = { caption: node.children.find((part) => part.tag === "caption"), rows: [] };
  const rows = [...rowsOf(node)];
  const taken = rows.map(() => []);
  let merged = "";
  rows.forEach((row, y) => {
    let x = 0;
    for (const cell of cellsOf(row)) {
      while (taken[y][x]) x += 1;
      const [wide, high] = [span(cell, "colspan"), span(cell, "rowspan")];
      for (let down = 0; down < Math.min(high, rows.length - y); down += 1) {
        for (let along = 0; along < wide; along += 1) {
          taken[y + down][x + along] ??= down || along ? new Node(cell.tag) : cell;
        }
      }
      if ((wide > 1 || high > 1) && !merged) merged = cell.words || "…";
      x += wide;
    }
  });
  const width = Math.max(0, ...taken.map((line) => line.length));
  if (!width) return table;
  if (merged) around.tellOnce("merged", merged);
  for (const [y, cells] of taken.entries()) {
    const empty = rows[y].children.some((cell) => cell.tag === "td") ? "td" : "th";
    const line = Array.from({ length: width }, (_, x) => cells[x] ?? new Node(empty));
    if (line.some((cell) => cell.words || cell.find("img", "note"))) table.rows.push(line);
  }
  if (table.rows.length && !hasHead(node, table.rows)) {
    table.rows.unshift(Array.from({ length: width }, () => new Node("th")));
  }
  return table;
}

// Whether the first row can be the head: unless the table has heads of rows only.
function hasHead(node, rows) {
  if (node.find("thead") || rows[0].every((cell) => cell.tag === "th")) return true;
  return !rows.some((row) => row.some((cell) => cell.tag === "th"));
}

// Its rows in the order in which they are shown: the foot, wherever it is written, last.
function* rowsOf(node) {
  const feet = node.children.filter((part) => part.tag === "tfoot");
  for (const part of [...node.children.filter((child) => child.tag !== "tfoot"), ...feet]) {
    if (part.tag === "tr") yield part;
    else if (["thead", "tbody", "tfoot"].includes(part.tag)) yield* rowsOf(part);
  }
}

function span(cell, name) {
  const value = cell.get(name).trim();
  return /^\d{1,4}$/.test(value) ? Math.min(Math.max(Number(value), 1), MOST) : 1;
}
