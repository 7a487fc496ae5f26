import json
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from merchants.printing import qr_png
from merchants.scanner import NothingScanned, looks_like_a_token, read_code, read_image, read_line
from merchants.token import from_text
from network import token as network_token
from network.typed_code import normalised, typed_code

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "gc1.json").read_text())
TOKEN = network_token.text(bytes(range(7, 146)))
LINK = f"https://pollen.example/v#{TOKEN}"
RUSSIAN = str.maketrans("QWERTYUIOPASDFGHJKLZXCVBNM", "ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ")


@pytest.mark.parametrize(
    "line",
    [
        TOKEN,
        LINK,
        LINK + "\r\n",
        f"\x02{LINK}\x03",
        LINK.lower(),
        LINK.upper(),
        LINK.swapcase(),
        f"HTTPSÖ--pollen.example-v§{TOKEN}",
        "РЕЕЗЫЖ..ЗЩДДУТ.УЧФЬЗДУ.М№" + TOKEN.translate(RUSSIAN),
        "реезыЖ..зщддут.учфьзду.м№" + TOKEN.translate(RUSSIAN).lower(),
        TOKEN[:30] + TOKEN[30:].lower(),
    ],
)
def test_finds_the_token_in_what_a_scanner_types(line: str) -> None:
    assert looks_like_a_token(line)
    assert read_line(line).token == TOKEN


@given(st.binary(min_size=60, max_size=150), st.sampled_from([str.upper, str.lower, str.swapcase]))
def test_every_token_is_found_and_has_one_spelling(encoded: bytes, mangle: "st.Callable[[str], str]") -> None:
    written = network_token.text(encoded)
    copy = read_line(mangle(f"https://pollen.example/v#{written}"))

    assert copy.token == written
    assert from_text(copy.token) == encoded


@given(st.text(max_size=300))
def test_any_line_is_a_copy_or_refused(line: str) -> None:
    try:
        copy = read_line(line)
    except NothingScanned:
        return
    assert (copy.token is None) != (copy.typed_code is None)


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_a_spoilt_sign_is_never_another_spelling(at: int, sign: str) -> None:
    try:
        found = read_line(TOKEN[:at] + sign + TOKEN[at + 1 :])
    except NothingScanned:
        return
    assert found.token is not None
    assert network_token.text(network_token.from_text(found.token)) == found.token


@given(st.uuids(), st.integers(0, 99))
def test_typed_codes_are_read_as_the_network_reads_them(certificate_id: UUID, epoch: int) -> None:
    code = typed_code(b"k" * 32, certificate_id, epoch)

    for typed in (code, code.lower(), code.replace("-", " "), code.replace("0", "o").replace("1", "l")):
        assert read_code(typed).typed_code == code
    assert normalised(code) == code.replace("-", "")


@given(st.uuids(), st.integers(0, 9), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_symbol_is_told_at_the_till(certificate_id: UUID, at: int, symbol: str) -> None:
    code = typed_code(b"k" * 32, certificate_id, 0).replace("-", "")
    if code[at] == symbol:
        return

    with pytest.raises(NothingScanned) as told:
        read_line(code[:at] + symbol + code[at + 1 :])

    assert told.value.code == "typed_code_mistyped"


def test_reads_a_picture_and_a_crooked_photograph(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(qr_png(LINK))
    with Image.open(tmp_path / "one.png") as picture:
        crooked = picture.convert("L").rotate(7, expand=True, fillcolor=255)
        crooked.save(tmp_path / "photo.jpg", quality=60)

    assert read_image(tmp_path / "one.png").token == TOKEN
    assert read_image(tmp_path / "photo.jpg").token == TOKEN


def test_says_what_is_wrong_with_a_picture(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    Image.new("L", (50, 50), 255).save(tmp_path / "empty.png")
    (tmp_path / "other.png").write_bytes(qr_png("https://example.com/menu"))
    both = Image.new("L", (1400, 700), 255)
    for number, content in enumerate((LINK, f"https://pollen.example/v#{network_token.text(bytes(range(139)))}")):
        (tmp_path / "part.png").write_bytes(qr_png(content))
        with Image.open(tmp_path / "part.png") as part:
            both.paste(part.convert("L"), (700 * number, 0))
    both.save(tmp_path / "both.png")

    for name, code in {
        "text.png": "picture_unreadable",
        "missing.png": "picture_unreadable",
        "empty.png": "no_code_in_picture",
        "other.png": "no_code_in_picture",
        "both.png": "several_codes",
    }.items():
        with pytest.raises(NothingScanned) as told:
            read_image(tmp_path / name)
        assert told.value.code == code, name


def test_a_copy_is_in_no_repr() -> None:
    assert TOKEN not in repr(read_line(TOKEN))
