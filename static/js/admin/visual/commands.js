// What the toolbar, the menu and the keys do in the visual editor. Each command takes (state,
// dispatch, view) and says whether it can be done, as those of ProseMirror.

import {
  addColumnAfter,
  addColumnBefore,
  addRowAfter,
  addRowBefore,
  deleteColumn,
  deleteRow,
  deleteTable,
  Fragment,
  lift,
  liftListItem,
  moveTableColumn,
  moveTableRow,
  redo,
  setBlockType,
  TextSelection,
  toggleMark,
  undo,
  wrapIn,
  wrapInList,
} from "../../../vendor/prosemirror.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;
const ROWS = 3;
const COLUMNS = 2;

// The innermost node around the selection that `holds`, as {node, pos, depth}, or null.
export function around(state, holds) {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (holds(node)) return { node, depth, pos: $from.before(depth) };
  }
  return null;
}

const heading = (level) => (state, dispatch) => {
  const { parent } = state.selection.$from;
  const has = parent.type === nodes.heading && parent.attrs.level === level;
  return (has ? setBlockType(nodes.paragraph) : setBlockType(nodes.heading, { level }))(state, dispatch);
};

const LISTS = {
  list: [nodes.bullet_list, {}],
  numbers: [nodes.ordered_list, {}],
  ticks: [nodes.bullet_list, { marker: "", signs: "ticks", sign: "✓" }],
  crosses: [nodes.bullet_list, { marker: "", signs: "crosses", sign: "✗" }],
};

// A list of this kind around what is selected; of another kind it changes, of this kind it ends.
const list = (name) => (state, dispatch) => {
  const [type, attrs] = LISTS[name];
  const found = around(state, (node) => node.type.isInGroup("list"));
  if (!found) return wrapInList(type, attrs)(state, dispatch);
  if (isList(found.node, name)) return liftListItem(nodes.list_item)(state, dispatch);
  dispatch?.(state.tr.setNodeMarkup(found.pos, type, attrs));
  return true;
};

function isList(node, name) {
  const [type, { signs = null }] = LISTS[name];
  return node.type === type && (node.attrs.signs ?? null) === signs;
}

const quote = (state, dispatch) => {
  const inside = around(state, ({ type }) => type === nodes.blockquote);
  return (inside ? lift : wrapIn(nodes.blockquote))(state, dispatch);
};

// A box around the blocks that are selected, all of them; the caret goes to its title.
const box = (kind) => (state, dispatch) => {
  const { $from, $to } = state.selection;
  const range = $from.blockRange($to);
  if (!range) return false;
  const { parent, startIndex, endIndex } = range;
  const content = [nodes.box_title.create(), ...parent.children.slice(startIndex, endIndex)];
  if (!nodes.box.validContent(Fragment.from(content))) return false;
  if (!parent.canReplaceWith(startIndex, endIndex, nodes.box)) return false;
  if (dispatch) {
    const tr = state.tr.replaceWith(range.start, range.end, nodes.box.create({ kind }, content));
    dispatch(tr.setSelection(TextSelection.create(tr.doc, range.start + 2)).scrollIntoView());
  }
  return true;
};

// Takes a box away and leaves what is in it.
const unbox = (state, dispatch) => {
  const found = around(state, ({ type }) => type === nodes.box || type === nodes.side_note);
  if (!found) return false;
  const { node, pos } = found;
  const title = node.type === nodes.box && node.firstChild.content.size ? [nodes.paragraph.create(null, node.firstChild.content)] : [];
  const rest = node.type === nodes.box ? node.children.slice(1) : node.children;
  dispatch?.(state.tr.replaceWith(pos, pos + node.nodeSize, [...title, ...rest]).scrollIntoView());
  return true;
};

// Puts a block behind the one of the selection, or in the place of an empty paragraph.
export const insertBlock = (node, caret) => (state, dispatch) => {
  const { $from } = state.selection;
  const holds = (depth) => $from.node(depth).canReplaceWith($from.indexAfter(depth), $from.indexAfter(depth), node.type);
  let depth = $from.depth && $from.parent.isTextblock ? $from.depth - 1 : $from.depth;
  while (depth && !holds(depth)) depth -= 1;
  if (!holds(depth)) return false;
  if (dispatch) {
    const isEmpty = depth === $from.depth - 1 && $from.parent.type === nodes.paragraph && !$from.parent.content.size;
    const start = isEmpty ? $from.before() : depth < $from.depth ? $from.after(depth + 1) : state.selection.to;
    const tr = state.tr.replaceWith(start, isEmpty ? $from.after() : start, node);
    const goal = tr.doc.resolve(start + (caret ?? node.nodeSize));
    dispatch(tr.setSelection(TextSelection.near(goal)).scrollIntoView());
  }
  return true;
};

const table = (state, dispatch) => {
  const row = (cell) => nodes.table_row.create(null, Array.from({ length: COLUMNS }, () => cell.create()));
  const rows = [row(nodes.table_header), ...Array.from({ length: ROWS - 1 }, () => row(nodes.table_cell))];
  return insertBlock(nodes.table.create(null, rows), 3)(state, dispatch);
};

// A number where the caret is, and the note itself behind this block.
const sideNote = (state, dispatch) => {
  const { $to } = state.selection;
  if (!$to.parent.inlineContent || $to.parent.type === nodes.as_text) return false;
  if (dispatch) {
    const taken = new Set();
    state.doc.descendants(({ type, attrs }) => {
      if (type === nodes.note || type === nodes.side_note) taken.add(attrs.label);
    });
    let number = 1;
    while (taken.has(String(number))) number += 1;
    const label = String(number);
    const note = nodes.side_note.create({ label }, nodes.paragraph.create());
    const tr = state.tr.insert($to.pos, nodes.note.create({ label }));
    const after = tr.mapping.map($to.after(1));
    tr.insert(after, note).setSelection(TextSelection.create(tr.doc, after + 2));
    dispatch(tr.scrollIntoView());
  }
  return true;
};

const moveRow = (step) => (state, dispatch) => {
  const place = around(state, ({ type }) => type === nodes.table_row);
  if (!place) return false;
  const from = state.selection.$from.index(place.depth - 1);
  const to = from + step;
  const count = state.selection.$from.node(place.depth - 1).childCount;
  if (from < 1 || to < 1 || to >= count) return false; // the head stays where it is
  return moveTableRow({ from, to })(state, dispatch);
};

const moveColumn = (step) => (state, dispatch) => {
  const place = around(state, ({ type }) => type === nodes.table_row);
  if (!place) return false;
  const from = state.selection.$from.index(place.depth);
  const to = from + step;
  if (to < 0 || to >= place.node.childCount) return false;
  return moveTableColumn({ from, to })(state, dispatch);
};

const notInHead = (command) => (state, dispatch) => {
  const inHead = around(state, ({ type }) => type === nodes.table_header);
  return inHead ? false : command(state, dispatch);
};

// Whether a mark can be set here: not in what is written as text.
const mark = (name) => (state, dispatch) => toggleMark(marks[name])(state, dispatch);

export const COMMANDS = {
  paragraph: setBlockType(nodes.paragraph),
  heading: heading(2),
  subheading: heading(3),
  bold: mark("strong"),
  italic: mark("em"),
  raised: mark("sup"),
  lowered: mark("sub"),
  ...Object.fromEntries(Object.keys(LISTS).map((name) => [name, list(name)])),
  quote,
  table,
  note: sideNote,
  rule: insertBlock(nodes.rule.create()),
  unbox,
  undo,
  redo,
  "row-above": notInHead(addRowBefore),
  "row-below": addRowAfter,
  "row-up": moveRow(-1),
  "row-down": moveRow(1),
  "row-delete": notInHead(deleteRow),
  "column-before": addColumnBefore,
  "column-after": addColumnAfter,
  "column-left": moveColumn(-1),
  "column-right": moveColumn(1),
  "column-delete": deleteColumn,
  "table-delete": deleteTable,
  ...Object.fromEntries(
    ["insight", "case", "tip", "warning", "urgent", "emergency"].map((kind) => [`box-${kind}`, box(kind)]),
  ),
};

// Which of them are on where the caret is, for buttons that are pressed.
export function isOn(state, name) {
  const { $from, from, to, empty } = state.selection;
  const has = (type) =>
    empty ? Boolean(type.isInSet(state.storedMarks ?? $from.marks())) : state.doc.rangeHasMark(from, to, type);
  switch (name) {
    case "bold":
      return has(marks.strong);
    case "italic":
      return has(marks.em);
    case "link":
      return has(marks.link);
    case "heading":
      return $from.parent.type === nodes.heading && $from.parent.attrs.level === 2;
    case "subheading":
      return $from.parent.type === nodes.heading && $from.parent.attrs.level === 3;
    default: {
      if (!LISTS[name]) return false;
      const found = around(state, (node) => node.type.isInGroup("list"));
      return Boolean(found) && isList(found.node, name);
    }
  }
}
