"""What programs put on the clipboard, and the script that pastes it."""

PASTE = """([field, html, plain]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", plain);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.querySelector(field).dispatchEvent(event);
}"""
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p {}</style></head>
<body><!--StartFragment--><h1>Stairs</h1>
<p class=MsoNormal>The <b>knee</b> carries&nbsp;<i>more</i><a href="#_ftn1" name="_ftnref1">
<span class=MsoFootnoteReference>[1]</span></a>.<o:p></o:p></p>
<h2>What <b>helps</b></h2>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·
</span>Strength</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o
</span>Twice a week</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·
</span>Walking</p>
<table class=MsoTableGrid><tr><td><p>Week</p></td><td><p>Load</p></td></tr>
<tr><td><p>1</p></td><td><p>Low</p></td></tr></table>
<p>See <a href="https://example.org/knee">this page</a> and [@chys2023].</p>
<div><div id=ftn1><p><a href="#_ftnref1" name="_ftn1">[1]</a> In most people.</p></div></div>
</body></html>"""
DOCS = """<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1">
<h2 dir="ltr"><span style="font-weight:400;">Rest</span></h2>
<p dir="ltr"><span style="font-weight:700;">Never</span><span style="font-weight:400;"> for long.
</span></p><ul><li dir="ltr"><p><span style="font-weight:400;">Walk</span></p></li></ul></b>"""

DOT = (  # a picture of one pixel
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
TRACKED = (
    "<p><b>What helps</b></p><p>take <del>two</del><ins>three</ins> a day, 10<sup>2</sup> times</p>"
    f'<p><img src="{DOT}"></p>'
)
