// The keys of the visual editor: those of word processors, and what Enter and Tab do in each block.

import {
  baseKeymap,
  chainCommands,
  exitCode,
  goToNextCell,
  liftListItem,
  newlineInCode,
  redo,
  sinkListItem,
  splitListItem,
  TextSelection,
  undo,
  undoInputRule,
} from "../../../vendor/prosemirror.js";
import { around, COMMANDS } from "./commands.js";
import { schema } from "./schema.js";

const { nodes } = schema;

const hardBreak = (state, dispatch) => {
  const { parent } = state.selection.$from;
  if (parent.type !== nodes.paragraph) return false;
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
};

// From the title of a box into its text; in a cell Enter goes down.
const leaveLine = (state, dispatch) => {
  const { $from, $to } = state.selection;
  if ($from.parent.type === nodes.box_title) {
    const goal = TextSelection.near(state.doc.resolve($from.after()));
    dispatch?.(state.tr.setSelection(goal).scrollIntoView());
    return true;
  }
  return $from.parent.type.name.startsWith("table_") || $to.parent.type.name.startsWith("table_");
};

// A paragraph without words at the end of a box or note leaves it.
const leaveBox = (state, dispatch) => {
  const { $from, empty } = state.selection;
  const inside = around(state, ({ type }) => type === nodes.box || type === nodes.side_note);
  if (!inside || !empty || $from.parent.type !== nodes.paragraph || $from.parent.content.size) return false;
  if ($from.depth !== inside.depth + 1 || $from.index(inside.depth) !== inside.node.childCount - 1) return false;
  if (inside.node.childCount < (inside.node.type === nodes.box ? 3 : 2)) return false;
  if (dispatch) {
    const tr = state.tr.delete($from.before(), $from.after());
    const after = tr.mapping.map($from.after(inside.depth));
    tr.insert(after, nodes.paragraph.create());
    dispatch(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView());
  }
  return true;
};

// Tab moves an item only from its beginning: elsewhere it leaves the editor, as it leaves a field.
const atStart = (command) => (state, dispatch) => {
  const { empty, $from } = state.selection;
  return empty && $from.parentOffset === 0 ? command(state, dispatch) : false;
};

export const KEYS = {
  "Mod-z": chainCommands(undoInputRule, undo),
  "Mod-y": redo,
  "Shift-Mod-z": redo,
  "Mod-b": COMMANDS.bold,
  "Mod-i": COMMANDS.italic,
  "Mod-.": COMMANDS.raised,
  "Mod-,": COMMANDS.lowered,
  "Mod-Shift-=": COMMANDS.raised,
  "Mod-+": COMMANDS.raised,
  "Mod-=": COMMANDS.lowered,
  "Mod-Alt-0": COMMANDS.paragraph,
  "Mod-Alt-2": COMMANDS.heading,
  "Mod-Alt-3": COMMANDS.subheading,
  "Mod-Shift-l": COMMANDS.list,
  "Mod-Shift-7": COMMANDS.numbers,
  "Mod-Shift-8": COMMANDS.list,
  "Mod-Alt-f": COMMANDS.note,
  "Shift-Enter": chainCommands(newlineInCode, hardBreak),
  "Mod-Enter": exitCode,
  Enter: chainCommands(newlineInCode, leaveLine, leaveBox, splitListItem(nodes.list_item), baseKeymap.Enter),
  Backspace: chainCommands(undoInputRule, baseKeymap.Backspace),
  Tab: chainCommands(goToNextCell(1), atStart(sinkListItem(nodes.list_item))),
  "Shift-Tab": chainCommands(goToNextCell(-1), atStart(liftListItem(nodes.list_item))),
};
