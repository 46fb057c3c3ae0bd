// Where a character of a textarea stands on the screen. Browsers do not tell: its words are laid out
// once more in a box of the same measures, unseen, and the place is read off there.

const SAME = [
  ...["paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "tabSize", "textIndent"],
  ...["fontFamily", "fontSize", "fontStyle", "fontWeight", "fontStretch", "fontVariationSettings"],
  ...["letterSpacing", "wordSpacing", "lineHeight", "textAlign", "textTransform", "direction"],
];

// The box of the character at `index`, in pixels of the window.
export function boxOf(text, index) {
  const copy = document.createElement("div");
  const style = getComputedStyle(text);
  for (const name of SAME) copy.style[name] = style[name];
  Object.assign(copy.style, {
    position: "absolute",
    insetBlockStart: "0",
    insetInlineStart: "0",
    boxSizing: "border-box",
    inlineSize: `${text.clientWidth}px`, // without border and bar
    visibility: "hidden",
    whiteSpace: "pre-wrap",
    overflowWrap: "break-word",
  });
  copy.textContent = text.value;
  document.body.append(copy);
  const range = document.createRange();
  range.setStart(copy.firstChild, index);
  range.setEnd(copy.firstChild, index + 1);
  const at = range.getBoundingClientRect();
  const from = copy.getBoundingClientRect();
  const field = text.getBoundingClientRect();
  copy.remove();
  const left = field.left + text.clientLeft - text.scrollLeft + at.left - from.left;
  const top = field.top + text.clientTop - text.scrollTop + at.top - from.top;
  return new DOMRect(left, top, at.width, at.height);
}
