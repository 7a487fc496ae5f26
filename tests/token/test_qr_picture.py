"""The pictures: an independent reader (zxing-cpp) reads all that we draw, also small, blurred and tilted."""

import re
from io import BytesIO
from random import Random
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from network import qr
from network.token import from_text, text
from tests.token import gc1_vectors as vectors
from tests.token.mask_table import tilted

HOST = "https://pollen.example"
CODE = "7K2M9-XQ4TB"
LINK = qr.link(HOST, text(vectors.GOOD))
SVG = "{http://www.w3.org/2000/svg}"


def largest_link(seed: int = 0) -> str:
    return qr.link(HOST, text(Random(seed).randbytes(139)))


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("L")


def rasterised(svg: str, pixels_per_module: int = 6) -> Image.Image:
    """Draws the path as a browser would: M moves, h strokes one module high, m moves on."""
    root = ElementTree.fromstring(svg)
    width, height = (int(number) for number in root.attrib["viewBox"].split()[2:])
    picture = Image.new("L", (width * pixels_per_module, height * pixels_per_module), 255)
    pen = ImageDraw.Draw(picture)
    (strokes,) = (path for path in root.iter(f"{SVG}path") if path.get("stroke") == "#000")
    x = y = 0.0
    for kind, numbers in re.findall(r"([Mmh])([-\d. ]+)", strokes.attrib["d"]):
        values = [float(number) for number in numbers.split()]
        if kind == "M":
            x, y = values
        elif kind == "m":
            x, y = x + values[0], y + values[1]
        else:
            corners = [x, y - 0.5, x + values[0], y + 0.5]
            scaled = [round(corner * pixels_per_module) for corner in corners]
            pen.rectangle((scaled[0], scaled[1], scaled[2] - 1, scaled[3] - 1), fill=0)
            x += values[0]
    return picture


def read(picture: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return found.text


@pytest.mark.parametrize("typed_code", [None, CODE])
@pytest.mark.parametrize("link", [LINK, largest_link()], ids=["133 bytes", "139 bytes"])
def test_png_and_svg_are_read(link: str, typed_code: str | None) -> None:
    png = qr.png(link, typed_code=typed_code)
    svg = qr.svg(link, typed_code=typed_code)

    assert read(opened(png)) == link
    assert read(rasterised(svg)) == link
    assert len(png) < 2_500
    assert len(svg) < 6_000


def test_what_is_read_is_the_token() -> None:
    assert from_text(read(opened(qr.png(LINK)))) == vectors.GOOD


@pytest.mark.parametrize("seed", range(5))
def test_is_read_small_blurred_and_tilted(seed: int) -> None:
    link = largest_link(seed)
    whole = opened(qr.png(link))

    small = whole.resize((180, 180))

    assert read(small) == link
    assert read(small.filter(ImageFilter.GaussianBlur(0.8))) == link
    assert read(whole.resize((240, 240)).filter(ImageFilter.GaussianBlur(1.5))) == link
    assert read(tilted(whole, 17, 0.15)) == link
    assert read(tilted(whole.resize((300, 300)), 33, 0.1).filter(ImageFilter.GaussianBlur(1))) == link


def test_the_largest_usual_token_fits_version_9_at_level_m() -> None:
    longer_host = qr.link("https://pollen.neighbours.example", text(Random(0).randbytes(139)))

    assert qr.version(qr.modules(LINK)) == 9
    assert qr.version(qr.modules(largest_link())) == 9
    assert qr.version(qr.modules(longer_host)) == 10
    (found,) = zxingcpp.read_barcodes(opened(qr.png(LINK)))
    assert found.ec_level == "M"


def test_the_picture_keeps_its_quiet_zone() -> None:
    picture = opened(qr.png(LINK, pixels_per_module=1))

    dark = picture.point(lambda pixel: 255 - pixel).getbbox()

    assert dark == (4, 4, 57, 57)
    assert picture.size == (61, 61)


def test_the_typed_code_stands_under_the_symbol() -> None:
    svg = qr.svg(LINK, typed_code="<&>")
    picture = opened(qr.png(LINK, typed_code=CODE))

    label = ElementTree.fromstring(svg).find(f"{SVG}text")

    assert label is not None
    assert label.text == "<&>"
    assert picture.height == picture.width + 7 * 8
    assert picture.crop((0, 61 * 8 - 16, picture.width, picture.height)).getextrema() == (0, 255)


def test_every_fixed_mask_is_read() -> None:
    for mask in range(8):
        rows = qr.modules(LINK, mask=mask)
        picture = Image.new("L", (61, 61), 255)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                picture.putpixel((x + 4, y + 4), 0 if dark else 255)

        assert read(picture.resize((244, 244), Image.Resampling.NEAREST)) == LINK
