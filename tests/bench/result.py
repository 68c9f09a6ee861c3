"""A row of the table: ours, stock, ratio, limit, and whether it keeps its limit."""

import dataclasses

from measure import Run, median_cpu_seconds, median_seconds


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    against: str
    unit: str
    ours: float
    limit: float | None  # of the ratio; without stock, of ours; none: shown, and no more
    stock: float | None = None
    # Processor time of ours / stock: on a busy machine it says more than the clock.
    cpu_ratio: float | None = None
    all_ours: tuple[float, ...] = ()
    all_stock: tuple[float, ...] = ()

    @property
    def ratio(self) -> float | None:
        return None if self.stock is None else self.ours / self.stock

    @property
    def has_limit(self) -> bool:
        return self.limit is not None

    @property
    def is_over(self) -> bool:
        measured = self.ours if self.ratio is None else self.ratio
        return self.has_limit and measured > self.limit

    @property
    def verdict(self) -> str:
        return "" if not self.has_limit else "over" if self.is_over else "ok"

    def to_json(self) -> dict:
        return dataclasses.asdict(self) | {"ratio": self.ratio, "verdict": self.verdict}


def time_row(name: str, against: str, limit: float | None, runs: list[list[Run]]) -> Row:
    ours, stock = runs
    return Row(
        name,
        against,
        "s",
        median_seconds(ours),
        limit,
        median_seconds(stock),
        median_cpu_seconds(ours) / median_cpu_seconds(stock),
        tuple(each.seconds for each in ours),
        tuple(each.seconds for each in stock),
    )


def memory_row(name: str, limit_mib: float, ours: list[Run]) -> Row:
    peaks = tuple(each.peak_mib for each in ours)
    return Row(name, "", "MiB", max(peaks), limit_mib, all_ours=peaks)


HEADER = ("work", "ours", "stock", "ratio", "cpu ratio", "limit", "")


def cells(row: Row) -> tuple[str, ...]:
    def number(value: float | None, unit: str) -> str:
        return "" if value is None else f"{value:.3g} {unit}" if value < 100 else f"{value:.0f} {unit}"

    return (
        row.name,
        number(row.ours, row.unit),
        number(row.stock, row.unit),
        number(row.ratio, "×"),
        number(row.cpu_ratio, "×"),
        number(row.limit, row.unit if row.ratio is None else "×"),
        row.verdict,
    )


def line(texts: tuple[str, ...], widths: list[int]) -> str:
    first, *others = texts
    parts = [first.ljust(widths[0])]
    parts += [text.rjust(width) for text, width in zip(others, widths[1:])]
    return "  ".join(parts).rstrip()


def table(rows: list[Row]) -> str:
    lines = [HEADER] + [cells(row) for row in rows]
    widths = [max(len(texts[i]) for texts in lines) for i in range(len(HEADER))]
    return "\n".join(line(texts, widths) for texts in lines)
