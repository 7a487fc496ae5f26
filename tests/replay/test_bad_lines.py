"""Whatever a line is, it costs no other line, and it is named by file and number."""

import gzip
from pathlib import Path

import pytest

from network.replay.lines import LINE_MAX, FileRefused
from tests.replay.files import ATTEMPTS, ISSUED, PAID, TRIED, bad_lines, pack, source_of, write


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("p9,salon,anna,2017-01-02T10:00:00Z,12.50,EUR", "amount_minor is '12.50'"),
        ("p9,salon,anna,2017-01-02T10:00:00Z,-5,EUR", "amount_minor is '-5'"),
        ("p9,salon,anna,2017-01-02T10:00:00Z,²,EUR", "amount_minor is '²'"),
        ("p9,salon,anna,2017-01-02T10:00:00Z,1000000000001,EUR", "amount_minor is '1000000000001'"),
        ("p9,salon,anna,2017-01-02T10:00:00Z," + "9" * 4_000 + ",EUR", "amount_minor is '9999"),
        ("p9,salon,anna,2017-01-02T10:00:00Z,,EUR", "amount_minor is ''"),
        ("p9,salon,anna,2017-01-02T10:00:00Z,500,XXX", "currency is 'XXX'"),
        ("p9,salon,anna,yesterday,500,EUR", "paid_at is 'yesterday'"),
        ("p9,salon,anna,2017-02-30T10:00:00Z,500,EUR", "paid_at is '2017-02-30T10:00:00Z'"),
        ("p9,salon,anna,2017-01-02T10:00:00,500,EUR", "names no time zone"),
        ("p9,salon,anna,2029-01-02T10:00:00Z,500,EUR", "has not been yet"),
        ("p9,salon,anna,0001-01-01T00:00:00+14:00,500,EUR", "expected a year"),
        ("p9,salon,anna,9999-12-31T23:59:59-14:00,500,EUR", "expected a year"),
        ("p1,salon,anna,2017-01-02T10:00:00Z,500,EUR", "payment_ref 'p1' is already on line 2"),
        (",salon,anna,2017-01-02T10:00:00Z,500,EUR", "payment_ref has 0 characters"),
        ("p" * 101 + ",salon,anna,2017-01-02T10:00:00Z,500,EUR", "payment_ref has 101 characters"),
        ("p9, salon,anna,2017-01-02T10:00:00Z,500,EUR", "merchant is ' salon'"),
        ("p9,sa\u202elon,anna,2017-01-02T10:00:00Z,500,EUR", "merchant is"),
        ("p9,sa\0lon,anna,2017-01-02T10:00:00Z,500,EUR", "holds a NUL byte"),
        ("p9,salon,anna", "has 3 fields, expected 6"),
        ('p9,"salon,anna,2017-01-02T10:00:00Z,500,EUR', "is not CSV"),
        ("p9,salon\rp8,anna,2017-01-02T10:00:00Z,500,EUR", "is not CSV"),
        ("p9," + "x" * LINE_MAX, f"is longer than {LINE_MAX} bytes"),
        ("p9," + "x" * 200_000, f"is longer than {LINE_MAX} bytes"),
    ],
)
def test_a_bad_payment_is_named_and_the_next_line_is_read(tmp_path: Path, bad: str, reason: str) -> None:
    folder = write(tmp_path, payments=[PAID[0], bad, PAID[1]])

    source = source_of(folder)

    [line] = source.bad["payments"]
    assert str(line).startswith("payments.csv:3: ")
    assert reason in str(line)
    assert list(source.payments) == ["p1", "p2"]
    assert source.lines["payments"] == 3


def line(**fields: str) -> str:
    """A good certificate line, with fields replaced."""
    names = (
        "ref", "campaign", "issuer", "acceptor", "customer", "payment", "issued_at", "expires_at", "face", "currency"
    )  # fmt: skip
    return ",".join((dict(zip(names, ISSUED[0].split(","), strict=True)) | {"ref": "c9"} | fields).values())


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(ref="c1"), "certificate_ref 'c1' is already on line 2"),
        (line(payment="p7"), "payment_ref 'p7' is on no good line of payments"),
        (line(face="0"), "face_minor is 0"),
        (line(face="2e2"), "face_minor is '2e2'"),
        (line(acceptor="salon"), "issuer and acceptor are both 'salon'"),
        (line(expires_at="2017-01-04T00:00:00Z"), "is not after issued_at"),
        (line(expires_at="soon"), "expires_at is 'soon'"),
        (line(currency="USD"), "certificates here are in EUR"),
        (line(customer="boris"), "issuer and customer_ref differ from line 2"),
        (line(issuer="bakery"), "issuer and customer_ref differ from line 2"),
    ],
)
def test_a_bad_certificate_leaves_its_decision_to_the_others(tmp_path: Path, bad: str, reason: str) -> None:
    folder = write(tmp_path, certificates=[ISSUED[0], bad, *ISSUED[1:]])

    source = source_of(folder)

    [named] = source.bad["certificates"]
    assert str(named).startswith("certificates.csv:3: ")
    assert reason in str(named)
    assert [[c.ref for c in decision.lines] for decision in source.decisions.values()] == [["c1", "c2"], ["c3"]]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("c8,bakery,2017-01-06T12:00:00Z,120", "certificate_ref 'c8' is on no good line of certificates"),
        ("c1,bakery,2017-01-06T12:00:00Z,none", "bill_minor is 'none'"),
        ("c1,bakery,,120", "redeemed_at is ''"),
    ],
)
def test_a_bad_attempt_is_named_and_the_next_line_is_read(tmp_path: Path, bad: str, reason: str) -> None:
    folder = write(tmp_path, attempts=[TRIED[0], bad, TRIED[1]])

    source = source_of(folder)

    [named] = source.bad["redemption_attempts"]
    assert str(named).startswith("redemption_attempts.csv:3: ")
    assert reason in str(named)
    assert [attempt.certificate for attempt in source.attempts] == ["c1", "c2"]


def test_bytes_that_are_no_text_cost_one_line(tmp_path: Path) -> None:
    folder = write(tmp_path)
    path = folder / "payments.csv"
    path.write_bytes(path.read_bytes().replace(b"p2,bakery", b"p3,caf\xe9,x\np2,bakery"))

    assert bad_lines(folder) == ["payments.csv:3: is not UTF-8"]


def test_what_depends_on_a_bad_line_is_bad_too(tmp_path: Path) -> None:
    folder = write(tmp_path, payments=[PAID[0].replace("2400", "much"), PAID[1]])

    named = [bad.partition(" ")[0] for bad in bad_lines(folder)]

    assert named == [
        "payments.csv:2:",
        "certificates.csv:2:",
        "certificates.csv:3:",
        "redemption_attempts.csv:2:",
        "redemption_attempts.csv:3:",
    ]


class TestFiles:
    def test_blank_lines_other_columns_their_order_and_a_mark_in_front_do_not_matter(self, tmp_path: Path) -> None:
        folder = write(tmp_path)
        said = "note,bill_minor,redeemed_at,acceptor,certificate_ref"
        body = "\ufeff" + said + "\r\n\r\n,1800,2017-01-05T12:00:00Z,restaurant,c1\r\n"
        (folder / "redemption_attempts.csv").write_bytes(body.encode())

        source = source_of(folder)

        assert [(a.number, a.certificate, a.bill) for a in source.attempts] == [(3, "c1", 1_800)]
        assert source.lines["redemption_attempts"] == 1
        assert not any(source.bad.values())

    def test_a_line_means_the_same_whatever_the_order_of_columns(self, tmp_path: Path) -> None:
        folder = write(tmp_path)
        before = source_of(folder).attempts[0].digest
        body = "bill_minor,redeemed_at,acceptor,certificate_ref\n1800,2017-01-05T12:00:00Z,restaurant,c1\n"
        (folder / "redemption_attempts.csv").write_text(body)

        assert source_of(folder).attempts[0].digest == before

    def test_packed_files_are_read_too(self, tmp_path: Path) -> None:
        folder = write(tmp_path)
        pack(folder, "payments")

        assert list(source_of(folder).payments) == ["p1", "p2"]

    def test_a_cut_file_is_read_as_far_as_it_goes(self, tmp_path: Path) -> None:
        lines = [f"p{n},salon,anna,2017-01-02T10:00:00Z,{n * n},EUR" for n in range(1, 20_000)]
        folder = write(tmp_path, payments=lines, certificates=[], attempts=[])
        pack(folder, "payments", cut=2_000)

        source = source_of(folder)

        [bad] = source.bad["payments"]
        assert "the file is broken here" in bad.reason
        assert 10_000 < len(source.payments) < 20_000
        assert bad.number == len(source.payments) + 2

    def test_a_wrong_checksum_is_told_after_the_last_line(self, tmp_path: Path) -> None:
        folder = write(tmp_path)
        path = pack(folder, "payments")
        packed = bytearray(path.read_bytes())
        packed[-8] ^= 1
        path.write_bytes(packed)

        source = source_of(folder)

        assert list(source.payments) == ["p1", "p2"]
        assert [bad.number for bad in source.bad["payments"]] == [4]

    def test_damage_in_the_middle_is_told_where_it_is(self, tmp_path: Path) -> None:
        folder = write(tmp_path)
        path = pack(folder, "payments")
        packed = bytearray(path.read_bytes())
        packed[40:60] = b"\xff" * 20
        path.write_bytes(packed)

        with pytest.raises(FileRefused, match=r"payments\.csv\.gz:1: the file is broken here"):
            source_of(folder)


class TestRefusals:
    def test_a_missing_file(self, tmp_path: Path) -> None:
        (write(tmp_path) / "certificates.csv").unlink()

        with pytest.raises(FileRefused, match=r"neither certificates\.csv nor certificates\.csv\.gz"):
            source_of(tmp_path)

    def test_a_missing_folder(self, tmp_path: Path) -> None:
        with pytest.raises(FileRefused, match="is not a folder"):
            source_of(tmp_path / "nowhere")

    def test_a_file_in_both_forms(self, tmp_path: Path) -> None:
        folder = write(tmp_path)
        (folder / "payments.csv.gz").write_bytes(gzip.compress(b""))

        with pytest.raises(FileRefused, match=r"both payments\.csv and payments\.csv\.gz"):
            source_of(folder)

    @pytest.mark.parametrize(
        ("header", "reason"),
        [
            ("certificate_ref,acceptor,redeemed_at", "no column bill_minor"),
            (ATTEMPTS + ",acceptor", "more than one column acceptor"),
            ("", "no column certificate_ref"),
            ("certificate_ref,acceptor,redeemed_at,bill\0_minor", "holds a NUL byte"),
        ],
    )
    def test_a_wrong_header(self, tmp_path: Path, header: str, reason: str) -> None:
        folder = write(tmp_path)
        (folder / "redemption_attempts.csv").write_text(header + "\n" + TRIED[0])

        with pytest.raises(FileRefused, match=r"redemption_attempts\.csv:1: ") as refused:
            source_of(folder)

        assert reason in str(refused.value)

    def test_a_file_that_only_calls_itself_packed(self, tmp_path: Path) -> None:
        folder = write(tmp_path)
        (folder / "payments.csv").rename(folder / "payments.csv.gz")

        with pytest.raises(FileRefused, match=r"payments\.csv\.gz:1: "):
            source_of(folder)

    def test_files_without_a_payment(self, tmp_path: Path) -> None:
        with pytest.raises(FileRefused, match="holds no payment"):
            source_of(write(tmp_path, payments=[]))
