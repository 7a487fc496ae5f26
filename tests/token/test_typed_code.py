"""The short typed code: forgiving to people, exact about slips, and never stored in clear."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.typed_code import ALPHABET, TypedCodeRefused, code_digest, formatted, normalised, typed_code

KEY = bytes(range(32))
CERTIFICATE = UUID("0b9a3f6e-7c1d-4e2f-9a8b-1c2d3e4f5a6b")
CODE = typed_code(KEY, CERTIFICATE, 1)

ids = st.uuids()
epochs = st.integers(0, 2**32 - 1)


def refusal(typed: str) -> str:
    with pytest.raises(TypedCodeRefused) as refused:
        normalised(typed)
    return refused.value.code


@given(certificate_id=ids, epoch=epochs)
@settings(max_examples=100, deadline=None)
def test_codes_round_trip(certificate_id: UUID, epoch: int) -> None:
    code = typed_code(KEY, certificate_id, epoch)

    assert len(code) == 11
    assert code[5] == "-"
    assert formatted(normalised(code)) == code


def test_a_code_is_the_same_each_time_and_changes_with_key_certificate_and_epoch() -> None:
    others = {
        typed_code(KEY, CERTIFICATE, 2),
        typed_code(KEY, UUID(int=1), 1),
        typed_code(bytes(32), CERTIFICATE, 1),
    }

    assert typed_code(KEY, CERTIFICATE, 1) == CODE
    assert CODE not in others
    assert len(others) == 3


@given(certificate_id=ids, place=st.integers(0, 9), other=st.sampled_from(ALPHABET))
@settings(max_examples=150, deadline=None)
def test_one_wrong_symbol_is_always_told(certificate_id: UUID, place: int, other: str) -> None:
    code = normalised(typed_code(KEY, certificate_id, 1))
    wrong = code[:place] + other + code[place + 1 :]

    if other != code[place]:
        assert refusal(wrong) == "typed_code_mistyped"


@given(certificate_id=ids, places=st.tuples(st.integers(0, 9), st.integers(0, 9)))
@settings(max_examples=150, deadline=None)
def test_two_swapped_symbols_are_always_told(certificate_id: UUID, places: tuple[int, int]) -> None:
    code = normalised(typed_code(KEY, certificate_id, 1))
    swapped = list(code)
    swapped[places[0]], swapped[places[1]] = code[places[1]], code[places[0]]

    if "".join(swapped) != code:
        assert refusal("".join(swapped)) == "typed_code_mistyped"


@pytest.mark.parametrize(
    "typed",
    [
        CODE.lower(),
        CODE.replace("-", ""),
        CODE.replace("-", " "),
        " ".join(CODE),
        CODE.replace("-", "–"),
        f"\t{CODE}\n",
        CODE.replace("0", "O").replace("1", "I"),
        CODE.replace("0", "o").replace("1", "l"),
        CODE.translate(str.maketrans("ABEKMHPCTYX0", "АВЕКМНРСТУХО")),
        CODE.lower().translate(str.maketrans("abekmhpctyx0", "авекмнрстухо")),
    ],
)
def test_forgives_what_people_type(typed: str) -> None:
    assert formatted(normalised(typed)) == CODE
    assert code_digest(KEY, typed) == code_digest(KEY, CODE)


@pytest.mark.parametrize("typed", ["", "ABCDE", CODE + "0", CODE[:-1] + "U", "ABCDE-1234%", "https://x/"])
def test_refuses_what_is_no_code(typed: str) -> None:
    assert refusal(typed) == "typed_code_malformed"


def test_the_alphabet_has_no_look_alikes() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ILOU")


def test_a_digest_does_not_show_the_code_and_needs_the_key() -> None:
    digest = code_digest(KEY, CODE)

    assert len(digest) == 32
    assert digest != code_digest(bytes(32), CODE)
    assert normalised(CODE).encode() not in digest
