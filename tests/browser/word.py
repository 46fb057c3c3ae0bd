"""A manuscript as Word puts it on the clipboard, and hands that write it without Markdown."""

import html
import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import TimeoutError, expect

from tests.browser.clipboard import PASTE
from tests.browser.texts import Manuscript

_LINK = re.compile(r"\[([^\]@^]+)\]\(([a-z]+:[\w-]*)\)")
_CITED = re.compile(r"(?P<before>[^.@\[\]]*?)\s*\[(?P<sources>@[^\]]+)\]|@(?P<bare>\w+\d{4})")
_ITEM = "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·"
_ITEM += "&nbsp; </span>{}</p>"
_NAMES = {"chys2023": "Chys et al., 2023", "hu2018": "Hu et al., 2018"}  # as authors type them
# What the writing format knows: nobody has to type it.
SIGNS = re.compile(r"[*_#\[\]@`~^|]|!!!|\]\(|^\s*(?:[-+>•]|\d+[.)])\s", re.MULTILINE)
# Where these words begin and end in the visual editor, as points of the window.
PLACE = """words => {
  for (const place of document.querySelectorAll(".visual-text")) {
    for (const block of place.querySelectorAll("p, h2, h3, li, td, th")) {
      const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
      const nodes = [];
      while (walker.nextNode()) nodes.push(walker.currentNode);
      const at = nodes.map(({ data }) => data).join("").indexOf(words);
      if (at < 0) continue;
      const point = offset => {
        for (const node of nodes) {
          if (offset <= node.length) return [node, offset];
          offset -= node.length;
        }
      };
      const spot = (offset, sideways) => {
        const range = document.createRange();
        range.setStart(...point(offset));
        range.setEnd(...point(offset + 1));
        const box = range.getBoundingClientRect();
        return [sideways ? box.right - 1 : box.left + 1, (box.top + box.bottom) / 2];
      };
      block.scrollIntoView({ block: "center", behavior: "instant" });
      return [spot(at, false), spot(at + words.length - 1, true)];
    }
  }
  return null;
}"""
# The same, once nothing has moved for some frames: a note, a list or the preview may open above.
AT_REST = f"""async words => {{
  const find = {PLACE};
  const frame = () => new Promise(requestAnimationFrame);
  let [last, calm] = ["", 0];
  for (let frames = 0; calm < 10 && frames < 2000; frames += 1) {{
    await frame();
    const place = JSON.stringify(find(words));
    calm = place === last ? calm + 1 : 0;
    last = place;
  }}
  return JSON.parse(last);
}}"""
# The words before the caret in its block, and those that are selected.
CARET = """() => {
  const { anchorNode, anchorOffset, isCollapsed } = getSelection();
  const parent = anchorNode?.nodeType === Node.TEXT_NODE ? anchorNode.parentNode : anchorNode;
  const block = isCollapsed && parent?.closest("p, h2, h3, li, td, th");
  if (!block) return "";
  const range = document.createRange();
  range.setStart(block, 0);
  range.setEnd(anchorNode, anchorOffset);
  return range.toString();
}"""
SELECTED = "() => getSelection().toString()"


@dataclass
class Pasted:
    """What Word gives, and what an author still adds by hand."""

    html: str
    links: list[tuple[str, str]] = field(default_factory=list)  # words, name of the page
    panels: list[tuple[Any, ...]] = field(default_factory=list)  # behind which words, label, …
    boxes: list[tuple[str, str, str]] = field(default_factory=list)  # kind, title, its words
    cited: list[tuple[str, list[str]]] = field(default_factory=list)  # behind which words, keys


def word_of(text: Manuscript) -> Pasted:
    """Return the manuscript as Word's HTML. Boxes whose titles say what they are, takeaways and
    questions are in it, as authors write them; other boxes are ordinary paragraphs."""
    made = Pasted("")
    parts = []
    if text.takeaways:
        parts += ["<h2>Key takeaways</h2>", *(_ITEM.format(line) for line in text.takeaways)]
    parts += _blocks(text.body, made)
    if text.questions:
        parts.append("<h2>FAQ</h2>")
        for question, answer in text.questions:
            parts += [f"<h3>{question}</h3>", *_blocks(answer, made)]
    parts.sort(key=lambda part: "id=ftn" in part)  # Word puts notes at the end
    made.html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->'
        + "\n".join(parts)
        + "<!--EndFragment--></body></html>"
    )
    return made


def _blocks(body: str, made: Pasted) -> list[str]:
    parts: list[str] = []
    box = None
    for line in (line for line in body.splitlines() if line.strip()):
        words = line.strip()
        if begun := re.fullmatch(r'!!! (\w+) "(.*)"', words):
            box = begun.groups()
        elif box and re.search(r"(?:insight|example)$", box[1]):
            parts.append(f"<p class=MsoNormal><b>{box[1]}:</b> {_inline(words, made)}</p>")
            box = None
        elif box:
            made.boxes.append((*box, words))
            parts.append(f"<p class=MsoNormal>{_inline(words, made)}</p>")
            box = None
        elif panel := re.fullmatch(r"\[([^\]]+)\]\(book:([\w-]*)\)", words):
            made.panels.append((len(parts), *panel.groups()))
        elif heading := re.fullmatch(r"(##+) (.*)", words):
            level = len(heading[1])
            parts.append(f"<h{level}>{heading[2]}</h{level}>")
        elif note := re.fullmatch(r"\[\^(\d+)\]: (.*)", words):
            number, said = note.groups()
            sign = f'<a href="#_ftnref{number}" name="_ftn{number}">[{number}]</a>'
            parts.append(f"<div id=ftn{number}><p class=MsoFootnoteText>{sign} {said}</p></div>")
        elif words.startswith("|"):
            cells = [cell.strip() for cell in words.strip("|").split("|")]
            if cells[0].strip("-"):
                row = "".join(f"<td><p class=MsoNormal>{cell}</p></td>" for cell in cells)
                table = "<table class=MsoTableGrid></table>"
                if parts[-1].startswith("<table"):
                    table = parts.pop()
                parts.append(table.replace("</table>", f"<tr>{row}</tr></table>"))
        elif item := re.fullmatch(r"[-•] (.*)", words):
            parts.append(_ITEM.format(_inline(item[1], made)))
        else:
            parts.append(f"<p class=MsoNormal>{_inline(words, made)}<o:p></o:p></p>")
    made.panels = [
        (_last_words(parts[max(place - 1, 0)]) if isinstance(place, int) else place, *panel)
        for place, *panel in made.panels
    ]
    return parts


def _inline(words: str, made: Pasted) -> str:
    cited = list(_CITED.finditer(words))
    if keys := [found["bare"] for found in cited if found["bare"]]:
        words = re.sub(r"@(\w+\d{4})", lambda found: _NAMES[found[1]], words)
        made.cited.append((words[-20:], keys))
    for found in cited:
        if found["sources"]:
            made.cited.append((found["before"][-30:], re.findall(r"@(\w+)", found["sources"])))
            words = words.replace(f" [{found['sources']}]", "")
    made.links += [(label, name) for label, name in _LINK.findall(words)]
    words = html.escape(_LINK.sub(r"\1", words), quote=False).replace("  ", "&nbsp; ")
    note = r'<a href="#_ftn\1" name="_ftnref\1"><span class=MsoFootnoteReference>[\1]</span></a>'
    words = re.sub(r"\[\^(\d+)\]", note, words)
    return re.sub(r"\*\*(\S[^*]*)\*\*", r"<b>\1</b>", words)


def _last_words(part: str) -> str:
    return re.sub("<[^>]*>", "", part)[-25:]


class Hands:
    """Somebody at the desk. Counts what they do: a click, a paste, a choice, a run of typed words
    in one field; and types no sign of the writing format. Each action is printed: a test that fails
    shows where it got."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.actions = 0

    def _act(self, verb: str, thing: Any) -> None:
        self.actions += 1
        print(f"{self.actions}. {verb} {str(thing).rpartition('selector=')[2]}")

    def click(self, thing: Any) -> None:
        """Click on something that can be seen."""
        self._act("click", thing)
        thing.click()

    def type(self, words: str) -> None:
        """Type a run of words where the focus is."""
        assert not SIGNS.search(words), f"Markdown was typed: {words}"
        self._act("type", words)
        self.page.keyboard.type(words)

    def press(self, key: str) -> None:
        """Press one key, such as Enter for what a menu offers."""
        self._act("press", key)
        self.page.keyboard.press(key)

    def paste(self, selector: str, words: str, as_html: str = "") -> None:
        """Paste where the focus is; a plain field takes the words."""
        self._act("paste into", selector)
        if as_html:
            self.page.evaluate(PASTE, [selector, as_html, words])
        else:
            self.page.keyboard.insert_text(words)

    def button(self, name: str) -> None:
        """Click a button of the editor in which the caret is, or of a dialog."""
        self.click(self.page.get_by_role("button", name=name, exact=True).first)

    def place_caret(self, words: str) -> None:
        """Click behind these words of the text."""
        self._act("click behind", words)
        _start, end = self._place(words)
        self.page.mouse.click(*end)
        self._see(CARET, words)

    def mark(self, words: str) -> None:
        """Select these words with the mouse."""
        self._act("select", words)
        start, end = self._place(words)
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=3)
        self.page.mouse.up()
        self._see(SELECTED, words)

    def take(self) -> None:
        """Take what a menu has marked."""
        marked = self.page.locator("[role=option][aria-selected=true]")
        expect(marked).to_be_visible()
        self.press("Enter")

    def _see(self, script: str, words: str) -> None:
        """Wait until what the script tells of the caret ends in these words."""
        try:
            self.page.wait_for_function(f"words => ({script})().endsWith(words)", arg=words)
        except TimeoutError as late:
            found = self.page.evaluate(script)
            raise AssertionError(f"{words!r} was clicked, and the caret is at {found!r}") from late

    def _place(self, words: str) -> Any:
        place = self.page.evaluate(AT_REST, words)
        assert place, f"not in the text: {words!r}"
        return place

    def find(self, words: str, wanted: str) -> None:
        """In a dialog: search, and click what is wanted, once the list is of these words."""
        dialog = self.page.get_by_role("dialog")
        search = dialog.get_by_role("combobox")
        expect(search).to_be_focused()
        expect(dialog.get_by_role("status").first).not_to_be_empty()  # the list of no words
        dialog.get_by_role("listbox").evaluate(
            "list => [...list.children].forEach(each => each.dataset.old = '')"
        )
        self.type(words)
        if words:
            expect(dialog.locator("[data-old]")).to_have_count(0)
        self.click(dialog.get_by_role("option").filter(has_text=re.compile(wanted, re.I)).first)
