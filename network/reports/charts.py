"""The pictures of a report, as SVG: the same figures give the same bytes, on any machine."""

import math
import threading
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import MaxNLocator

ACCENT, WARM, FAINT = "#1f5f5b", "#c8743a", "#6b6f6e"
_STYLE = {
    "svg.fonttype": "path",
    "svg.hashsalt": "pollen",
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
}
NAME_MAX = 18
_one_at_a_time = threading.Lock()
"""The library's style belongs to the process."""


def trend(labels: Sequence[str], series: Sequence[tuple[str, Sequence[int | None]]]) -> str:
    """Bars side by side; what is not shown leaves a gap."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure)
        width = 0.8 / len(series)
        for place, (name, values) in enumerate(series):
            at = [i + (place - (len(series) - 1) / 2) * width for i in range(len(values))]
            axes.bar(at, [value or 0 for value in values], width, label=name, color=(ACCENT, WARM, FAINT)[place])
        every = max(1, math.ceil(len(labels) / 13))
        axes.set_xticks(range(0, len(labels), every), [labels[i] for i in range(0, len(labels), every)])
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False, ncols=len(series), loc="lower left", bbox_to_anchor=(0, 1))

    return _drawn(7.0, 1.9, draw)


def both_ways(rows: Sequence[tuple[str, int, int]], left: str, right: str) -> str:
    """Who gives (to the left) and who gets (to the right)."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure)
        places = range(len(rows))
        axes.barh(places, [-given for _, given, _ in rows], color=WARM, label=left)
        axes.barh(places, [got for _, _, got in rows], color=ACCENT, label=right)
        axes.set_yticks(places, [_short(name) for name, _, _ in rows])
        axes.axvline(0, color=FAINT, linewidth=0.8)
        most = max((max(given, got) for _, given, got in rows), default=0)
        for place, (_, given, got) in enumerate(rows):
            for value, x, side in ((given, -given - most / 60, "right"), (got, got + most / 60, "left")):
                axes.text(x, place, str(value), va="center", ha=side, color=FAINT, fontsize=7)
        axes.set_xlim(-most * 1.15 - 1, most * 1.15 + 1)
        axes.set_xticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.tick_params(left=False)
        axes.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))

    return _drawn(7.0, 0.6 + 0.21 * max(3, len(rows)), draw)


def network(names: Sequence[str], flows: Sequence[tuple[int, int, int]]) -> str:
    """Partners on a circle, an arrow for each `(from, to, number)`, as wide as the number is large."""

    def draw(figure: Figure) -> None:
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        around = [math.pi / 2 - 2 * math.pi * i / max(1, len(names)) for i in range(len(names))]
        spots = [(math.cos(angle), math.sin(angle)) for angle in around]
        most = max((number for _, _, number in flows), default=1)
        for giver, taker, number in sorted(flows, key=lambda flow: flow[2]):
            share = number / most
            arrow = FancyArrowPatch(
                spots[giver], spots[taker], connectionstyle="arc3,rad=0.16", arrowstyle="-|>", shrinkA=9, shrinkB=10,
                mutation_scale=6 + 8 * share, linewidth=0.5 + 4.5 * share, color=ACCENT, alpha=0.25 + 0.6 * share,
            )  # fmt: skip
            axes.add_patch(arrow)
        for (x, y), name in zip(spots, names, strict=True):
            axes.plot(x, y, "o", color=WARM, markersize=9)
            side = "left" if x > 0.01 else "right" if x < -0.01 else "center"
            axes.text(x * 1.09, y * 1.1, _short(name), ha=side, va="center")
        axes.set_xlim(-1.75, 1.75)
        axes.set_ylim(-1.22, 1.22)
        axes.set_axis_off()

    return _drawn(7.0, 4.6, draw)


def _axes(figure: Figure) -> Axes:
    figure.set_layout_engine("constrained")
    return figure.add_subplot()


def _drawn(width: float, height: float, draw: Any) -> str:
    with _one_at_a_time, mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(width, height))
        draw(figure)
        out = BytesIO()
        FigureCanvasSVG(figure).print_svg(  # type: ignore[no-untyped-call]
            out, metadata={"Date": None, "Creator": None}
        )
    return out.getvalue().decode()


def _short(name: str) -> str:
    return name if len(name) <= NAME_MAX else name[: NAME_MAX - 1] + "…"
