// HTML from the clipboard becomes the writing format. The same steps, in the same order and by the
// same names, are in articles/importers/from_html; one table of cases, tests/from_html.toml, holds
// both. Nothing is left out without being told.

import { normalised } from "./normalise.js";
import { surroundings } from "./told.js";
import { parse } from "./tree.js";
import { Writer } from "./writer.js";

export { markdownFromText } from "./plain.js";

// Returns { markdown, told }: the text without an empty line around it, and [kind, words] for what
// was left out or changed. Options: see `surroundings`. Never fails.
export function markdownFromHTML(html, options = {}) {
  const told = [];
  const around = surroundings({ ...options, tell: (kind, words) => told.push([kind, words]) });
  const { root, notes } = normalised(parse(html), around);
  return { markdown: new Writer(around).write(root, notes), told };
}
