import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.banking.iban import check_digits, checked_bic, checked_iban, printed
from network.banking.iban_registry import SEPA, SHAPES
from network.domain.errors import Invalid, Refusal

# The example of each country in the SWIFT IBAN Registry.
EXAMPLES = """
AD1200012030200359100100 AE070331234567890123456 AL47212110090000000235698741 AT611904300234573201
AZ21NABZ00000000137010001944 BA391290079401028494 BE68539007547034 BG80BNBG96611020345678 BH67BMAG00001299123456
BI4210000100010000332045181 BR1800360305000010009795493C1 BY13NBRB3600900000002Z00AB00 CH9300762011623852957
CR05015202001026284066 CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000
DJ2100010000000154000100186 DK5000400440116243 DO28BAGR00000001212453611324 EE382200221020145685
EG380019000500000000263180002 ES9121000418450200051332 FI2112345600000785 FK88SC123456789012 FO6264600001631634
FR1420041010050500013M02606 GB29NWBK60161331926819 GE29NB0000000101904917 GI75NWBK000000007099453 GL8964710001000206
GR1601101250000000012300695 GT82TRAJ01020000001210029690 HN88CABF00000000000250005469 HR1210010051863000160
HU42117730161111101800000000 IE29AIBK93115212345678 IL620108000000099999999 IQ98NBIQ850123456789012
IS140159260076545510730339 IT60X0542811101000000123456 JO94CBJO0010000000000131000302 KW81CBKU0000000000001234560101
KZ86125KZT5004100100 LB62099900000001001901229114 LC55HEMM000100010012001200023015 LI21088100002324013AA
LT121000011101001000 LU280019400644750000 LV80BANK0000435195001 LY83002048000020100120361 MC5811222000010123456789030
MD24AG000225100013104168 ME25505000012345678951 MK07250120000058984 MN121234123456789123 MR1300020001010000123456753
MT84MALT011000012345MTLCAST001S MU17BOMM0101101030300200000MUR NI45BAPR00000013000003558124 NL91ABNA0417164300
NO9386011117947 OM810180000001299123456 PK36SCBL0000001123456702 PL61109010140000071219812874
PS92PALS000000000400123456702 PT50000201231234567890154 QA58DOHB00001234567890ABCDEFG RO49AAAA1B31007593840000
RS35260005601001611379 RU0304452522540817810538091310419 SA0380000000608010167519 SC18SSCB11010000000000001497USD
SD2129010501234001 SE4550000000058398257466 SI56263300012039086 SK3112000000198742637541 SM86U0322509800000000270100
SO211000001001000100141 ST23000100010051845310146 SV62CENR00000000000000700025 TL380080012345678910157
TN5910006035183598478831 TR330006100519786457841326 UA213223130000026007233566001 VA59001123000012345678
VG96VPVG0000012345678901 XK051212012345678906 YE15CBYE0001018861234567891234
""".split()


def refused(text: str) -> str:
    with pytest.raises(Refusal) as caught:
        checked_iban(text)
    return caught.value.code


@pytest.mark.parametrize("iban", EXAMPLES)
def test_the_registrys_example_is_an_iban(iban: str) -> None:
    assert checked_iban(iban) == iban


def test_every_country_of_the_table_has_its_example() -> None:
    assert sorted(SHAPES) == [iban[:2] for iban in EXAMPLES]
    assert SHAPES.keys() >= SEPA


@pytest.mark.parametrize("iban", EXAMPLES)
def test_every_wrong_digit_is_caught(iban: str) -> None:
    wrong = [
        iban[:place] + digit + iban[place + 1 :]
        for place, right in enumerate(iban)
        for digit in "0123456789"
        if right.isdigit() and digit != right
    ]

    assert {refused(one) for one in wrong} == {"iban_check_digits_wrong"}


@pytest.mark.parametrize("iban", EXAMPLES)
def test_every_swap_of_neighbours_of_one_kind_is_caught(iban: str) -> None:
    swapped = {
        iban[:place] + iban[place + 1] + iban[place] + iban[place + 2 :]
        for place in range(len(iban) - 1)
        if iban[place] != iban[place + 1] and iban[place].isdigit() == iban[place + 1].isdigit()
    }

    assert all(refused(one).startswith("iban_") for one in swapped)


def test_no_checksum_tells_1b_from_b1() -> None:
    """B counts as 11, so both read 111: a limit of the standard, where a country allows either kind in a place."""
    assert checked_iban("RO49AAAA1B31007593840000")
    assert checked_iban("RO49AAAAB131007593840000")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "iban_malformed"),
        ("LV", "iban_malformed"),
        ("12LV", "iban_malformed"),
        ("LVXXBANK0000435195001", "iban_malformed"),
        ("LV80-BANK-0000-4351-9500-1", "iban_malformed"),
        ("LV80BANK000043519500١", "iban_malformed"),
        ("ＬＶ80BANK0000435195001", "iban_malformed"),
        ("LV80BANK0000435195001\x00", "iban_malformed"),
        ("US80BANK0000435195001", "iban_country_unknown"),
        ("LV80BANK000043519500", "iban_length_wrong"),
        ("LV80BANK00004351950011", "iban_length_wrong"),
        ("LV80BAN10000435195001", "iban_letter_misplaced"),
        ("LT12100001110100100O", "iban_letter_misplaced"),
        ("LV08BANK0000435195001", "iban_check_digits_wrong"),
    ],
)
def test_a_slip_is_told_by_its_kind(text: str, code: str) -> None:
    assert refused(text) == code


@pytest.mark.parametrize(("right", "alias"), [("97", "00"), ("98", "01"), ("02", "99")])
def test_check_digits_that_are_never_assigned_are_refused(right: str, alias: str) -> None:
    iban = next(f"DE{right}{number:018d}" for number in range(10_000) if check_digits("DE", f"{number:018d}") == right)

    assert checked_iban(iban) == iban
    assert refused(iban.replace(f"DE{right}", f"DE{alias}", 1)) == "iban_check_digits_wrong"


def test_the_way_people_write_it_is_forgiven() -> None:
    assert checked_iban(" lv80 bank\u00a00000 4351 9500 1\n") == "LV80BANK0000435195001"
    assert printed("LV80BANK0000435195001") == "LV80 BANK 0000 4351 9500 1"


def test_the_sentence_says_what_to_do_and_hides_the_iban() -> None:
    with pytest.raises(Refusal) as caught:
        checked_iban("LV81BANK0000435195001")

    assert caught.value.body() == {
        "code": "iban_check_digits_wrong",
        "detail": "This IBAN has a wrong check digit, so something in it was mistyped. Compare it with the bank's.",
        "country": "LV",
    }


@given(st.text(max_size=40))
def test_any_text_is_an_iban_or_refused(text: str) -> None:
    iban = "REFUSED"
    with contextlib.suppress(Invalid):
        iban = checked_iban(text)

    assert re.fullmatch("[A-Z0-9]+", iban)


@pytest.mark.parametrize("text", ["HABALV22", "habalv22xxx", "DEUT DE FF 500", "E097AEXX"])
def test_a_bic_has_eight_or_eleven_symbols(text: str) -> None:
    assert checked_bic(text) == text.replace(" ", "").upper()


@pytest.mark.parametrize("text", ["", "HABALV2", "HABALV22X", "HABA1V22", "HABALV22XXXX", "ĀABALV22"])
def test_anything_else_is_no_bic(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        checked_bic(text)

    assert caught.value.code == "bic_malformed"
