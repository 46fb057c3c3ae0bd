"""Writes what bench_site measured: a table in docs/speed.md, docs/speed.csv, docs/img/speed.svg."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
BAR, ROW, LEFT, WIDE = 18, 30, 230, 420


def write(docs: Path, rows: Sequence[dict[str, Any]], *, about: str, memory: float) -> None:
    """`rows`: case, beside, aim and the figures of each; `memory`: PSS of the site in MB."""
    by_name = {row["case"]: row for row in rows}
    for row in rows:
        beside = by_name.get(row["beside"])
        row["ratio"] = round(row["cpu_ms"] / beside["cpu_ms"], 2) if beside else ""
    with (docs / "speed.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    page = docs / "speed.md"
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    text = f"Measured on: {about}. The site used {memory:.0f} MB (PSS).\n\n{_table(rows)}"
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
    (docs / "img" / "speed.svg").write_text(_plot([row for row in rows if row["aim"]]))
    print(f"\n{text}")


def _table(rows: Sequence[dict[str, Any]]) -> str:
    lines = [
        "| | requests/s | p50 ms | p99 ms | CPU ms | × | of | aim | errors |",
        "|---|--:|--:|--:|--:|--:|---|--:|--:|",
    ]
    for row in rows:
        aim = f"{row['aim']:.3g}" if row["aim"] else ""
        ratio = f"{row['ratio']:.3g}" if row["ratio"] else ""
        figures = [f"{row[name]:g}" for name in ("requests_per_s", "p50_ms", "p99_ms", "cpu_ms")]
        cells = [row["case"], *figures, ratio, row["beside"], aim, f"{row['errors']:g}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _plot(rows: Sequence[dict[str, Any]]) -> str:
    """A bar for each ratio as a share of its aim; the line is the aim."""
    most = max(2.0, *(row["ratio"] / row["aim"] for row in rows))
    scale, height = WIDE / most, ROW * len(rows) + 40
    bars = []
    for number, row in enumerate(rows):
        share, top = row["ratio"] / row["aim"], 10 + ROW * number
        colour = "#1f7a8c" if share <= 1 else "#c2553a"
        bars.append(
            f'<text x="{LEFT - 8}" y="{top + 13}" text-anchor="end">{escape(row["case"])}</text>'
            f'<rect x="{LEFT}" y="{top}" width="{share * scale:.0f}" height="{BAR}"'
            f' fill="{colour}"/>'
            f'<text x="{LEFT + WIDE + 8}" y="{top + 13}">{row["ratio"]:.3g} ×</text>'
        )
    x, width = LEFT + scale, LEFT + WIDE + 90
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' font-family="sans-serif" font-size="13">'
        "<title>CPU time of a request as a share of what it may cost</title>"
        f'<rect width="{width}" height="{height}" fill="#fff"/>{"".join(bars)}'
        f'<path d="M{x:.0f} 4V{height - 28}" stroke="#333" stroke-dasharray="4 3"/>'
        f'<text x="{x:.0f}" y="{height - 10}" text-anchor="middle">what it may cost</text></svg>\n'
    )
