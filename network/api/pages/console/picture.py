"""The street as a picture: partners on a circle, an arrow for each pair, as wide as many guests went that way."""

import math
from dataclasses import dataclass
from typing import Any, Final

PARTNERS_DRAWN: Final = 24
"""More names do not fit a circle; the table beside it has them all."""
_RADIUS: Final = 190
_MIDDLE: Final = (360, 250)
_NAME_MAX: Final = 18


@dataclass(frozen=True)
class Spot:
    """A partner, and where its name stands."""

    name: str
    x: int
    y: int
    text_x: int
    text_y: int
    anchor: str


@dataclass(frozen=True)
class Arrow:
    """A bent stroke from giver to taker."""

    path: str
    width: float
    says: str


@dataclass(frozen=True)
class Picture:
    """Strokes and names, to be written as SVG in the page's own colours."""

    spots: list[Spot]
    arrows: list[Arrow]


def drawn(street: dict[str, Any]) -> Picture | None:
    """None while there is nothing to show."""
    partners = [one for one in street["partners"] if one["given"] or one["got"]][:PARTNERS_DRAWN]
    spots = {one["merchant_id"]: _spot(one["name"], at, len(partners)) for at, one in enumerate(partners)}
    flows = [one for one in street["cells"] if one["used"] and {one["issuer_id"], one["acceptor_id"]} <= spots.keys()]
    if not flows:
        return None
    flows.sort(key=lambda flow: int(flow["used"]))
    most = flows[-1]["used"]
    arrows = [_arrow(spots[one["issuer_id"]], spots[one["acceptor_id"]], one["used"], most) for one in flows]
    return Picture(list(spots.values()), arrows)


def _spot(name: str, at: int, of: int) -> Spot:
    angle = 2 * math.pi * at / of - math.pi / 2
    across, down = math.cos(angle), math.sin(angle)
    x, y = _MIDDLE[0] + _RADIUS * across, _MIDDLE[1] + _RADIUS * down
    anchor = "middle" if abs(across) < 0.1 else "start" if across > 0 else "end"
    short = name if len(name) <= _NAME_MAX else name[: _NAME_MAX - 1] + "…"
    return Spot(short, round(x), round(y), round(x + 18 * across), round(y + 24 * down + 5), anchor)


def _arrow(giver: Spot, taker: Spot, used: int, most: int) -> Arrow:
    """Bent to the left of its way, so that the two directions of a pair lie apart."""
    across, down = taker.x - giver.x, taker.y - giver.y
    length = math.hypot(across, down)
    bend = ((giver.x + taker.x) / 2 + down * 0.16, (giver.y + taker.y) / 2 - across * 0.16)
    end = (taker.x - 14 * across / length, taker.y - 14 * down / length)
    path = f"M{giver.x} {giver.y} Q{bend[0]:.0f} {bend[1]:.0f} {end[0]:.0f} {end[1]:.0f}"
    return Arrow(path, round(1 + 7 * used / most, 1), f"{giver.name} → {taker.name}: {used}")
