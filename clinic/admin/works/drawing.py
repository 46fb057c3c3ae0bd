"""The measures of a drawn report: per cent along, pixels upwards. The template draws them."""

from dataclasses import dataclass

from clinic.hooks import Report, ReportRow

HEIGHT = 200  # pixels of the highest column
LEAST = 4  # pixels of a column, and
SHORTEST = 2  # per cent of a strip: less would be none
GAP = 0.3  # of the width of a column


@dataclass(frozen=True)
class Drawn:
    """A row with the strip or column of its first number; `is_most` marks the largest but for the
    rest. `cells`: its numbers, each with the heading of its column."""

    row: ReportRow
    cells: list[tuple[str, int | str | None]]
    length: float  # of a strip, in per cent; of a column, in pixels
    at: float  # of a column: its left side, in per cent
    width: float
    is_most: bool

    @property
    def top(self) -> float:
        """Return where a column begins, in pixels from above."""
        return HEIGHT - self.length


def draw(report: Report) -> list[Drawn]:
    """Measure the rows of a report. What is too small to be shown is not drawn."""
    numbers = [_number(row) for row in report.rows]
    most = max(numbers, default=0)
    own = [0 if row.is_rest else number for row, number in zip(report.rows, numbers, strict=True)]
    first = own.index(max(own)) if any(own) else -1
    step = 100 / (len(numbers) or 1)
    whole, least = (HEIGHT, LEAST) if report.is_over_time else (100, SHORTEST)
    return [
        Drawn(
            row,
            list(zip(report.columns, row.numbers, strict=True)),
            length=max(round(whole * number / most, 1), least) if number else 0,
            at=round(step * (place + GAP / 2), 3),
            width=round(step * (1 - GAP), 3),
            is_most=place == first,
        )
        for place, (row, number) in enumerate(zip(report.rows, numbers, strict=True))
    ]


def _number(row: ReportRow) -> int:
    first = row.numbers[0]
    return first if isinstance(first, int) else 0
