"""Which fixed mask loses no decoding: run `PYTHONPATH=. python tests/token/mask_table.py`.

Each of the eight masks, and the library's own choice, draws the same 60 certificates; zxing-cpp reads
them small, blurred, tilted and all at once. Choosing a mask takes most of the drawing time, so a fixed
one is worth having as soon as it decodes no worse.
"""

import sys
import time
from collections.abc import Callable
from random import Random

import zxingcpp
from PIL import Image, ImageFilter

from network import qr
from network.token import ALPHABET

LINKS = 60


def drawn(content: str, mask: int | None, side: int) -> Image.Image:
    symbol = qr.modules(content, mask=mask)
    width = len(symbol) + 2 * qr.QUIET_ZONE
    picture = Image.new("L", (width, width), 255)
    for y, row in enumerate(symbol):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + qr.QUIET_ZONE, y + qr.QUIET_ZONE), 0)
    return picture.resize((width * 8, width * 8), Image.Resampling.NEAREST).resize((side, side))


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def tilted(picture: Image.Image, degrees: float, squeeze: float) -> Image.Image:
    turned = picture.rotate(degrees, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    side = turned.width
    # A perspective: the far edge is shorter by `squeeze`.
    return turned.transform(
        turned.size,
        Image.Transform.PERSPECTIVE,
        (1 + squeeze, squeeze / 2, -squeeze * side / 4, 0, 1 + squeeze, 0, 0, squeeze / side),
        resample=Image.Resampling.BICUBIC,
        fillcolor=255,
    )


# Chosen at the edge of what zxing-cpp reads: where everything or nothing decodes, masks cannot differ.
VIEWS: dict[str, Callable[[str, int | None], Image.Image]] = {
    "180 px": lambda content, mask: drawn(content, mask, 180),
    "78 px": lambda content, mask: drawn(content, mask, 78),
    "blur 1.9": lambda content, mask: blurred(drawn(content, mask, 240), 1.9),
    "blur 1.95": lambda content, mask: blurred(drawn(content, mask, 240), 1.95),
    "tilt 17": lambda content, mask: tilted(drawn(content, mask, 300), 17, 0.15),
    "all": lambda content, mask: blurred(tilted(drawn(content, mask, 240), 11, 0.1), 1.8),
}


def reads(picture: Image.Image, content: str) -> bool:
    return any(found.text == content for found in zxingcpp.read_barcodes(picture))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> None:
    random = Random(7)
    links = [qr.link("https://pollen.example", "".join(random.choices(ALPHABET, k=223))) for _ in range(LINKS)]
    say("mask  ms/symbol  " + "  ".join(f"{name:>9}" for name in VIEWS) + f"  of {LINKS}")
    for mask in [*range(8), None]:
        started = time.perf_counter()
        for content in links:
            qr.modules(content, mask=mask)
        spent = (time.perf_counter() - started) / LINKS * 1000
        counts = [sum(reads(view(content, mask), content) for content in links) for view in VIEWS.values()]
        name = "auto" if mask is None else str(mask)
        say(f"{name:>4}  {spent:9.1f}  " + "  ".join(f"{count:9}" for count in counts))


if __name__ == "__main__":
    main()
