"""A window's archive: complete, discreet, the same bytes; and whatever is changed in it is named."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchants.cli import main as till
from merchants.statements.archive import read_archive
from merchants.statements.command import checked
from merchants.statements.hashes import climbed
from merchants.statements.netting import netted
from network.archive.merkle import Tree
from network.domain.clearing import clear_loops, net_bilaterally, net_multilaterally, net_positions
from network.domain.statement import Method, SettlementTerms
from tests.projections.worlds import catch_up, world
from tests.settlement.streets import close
from tests.written import archive_of

Change = Callable[[dict[str, Any]], None]
WINDOWS = 3


@pytest.fixture(scope="module")
def packed(module_database_url: str) -> Iterator[dict[tuple[int, UUID | None], bytes]]:
    """`{(window, party or None): archive}` of a street with pool, fees, commissions, refunds and adjustments."""
    with world(module_database_url, seed=91) as street:
        for number in range(1, WINDOWS + 1):
            street.trade(220)
            method = (Method.LOOPS, Method.BILATERAL, Method.MULTILATERAL)[number - 1]
            close(module_database_url, street.opened, number, SettlementTerms(method, 900 if number == 1 else 1))
            catch_up(module_database_url, street.schema)
        parties = (None, *street.merchants)
        yield {(n, party): archive_of(street.opened, n, party) for n in range(1, WINDOWS + 1) for party in parties}
        again = archive_of(street.opened, 2, street.merchants[0])
        street.trade(30)
        assert archive_of(street.opened, 2, street.merchants[0]) == again


def report_of(archive: bytes, folder: Path) -> dict[str, Any]:
    path = folder / "archive.zip"
    path.write_bytes(archive)
    return checked(read_archive(path))


def files_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as package:
        return {name: package.read(name) for name in package.namelist()}


def events_of(archive: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files_of(archive)["events.jsonl"].splitlines()]


def packed_again(files: dict[str, bytes], *, hashed: bool = True) -> bytes:
    """`hashed`: as somebody does it who puts the new hashes into the manifest; the signature is beyond him."""
    manifest = json.loads(files["manifest.json"])
    if hashed:
        for name in manifest["files"]:
            if name in files:
                manifest["files"][name] = {"bytes": len(files[name]), "sha256": sha256(files[name]).hexdigest()}
        files["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, document in files.items():
            package.writestr(name, document)
    return out.getvalue()


def with_events(archive: bytes, change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    files, events = files_of(archive), events_of(archive)
    change(events)
    files["events.jsonl"] = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    return packed_again(files)


def with_facts(event: dict[str, Any], change: Change) -> None:
    if "facts" in event:
        change(event["facts"])
    else:
        facts = json.loads(event["state"])
        change(facts)
        event["state"] = json.dumps(facts)


def facts(event: dict[str, Any]) -> dict[str, Any]:
    return event["facts"] if "facts" in event else json.loads(event["state"])  # type: ignore[no-any-return]


def test_every_honest_archive_is_recomputed_to_the_cent(
    packed: dict[tuple[int, UUID | None], bytes], tmp_path: Path
) -> None:
    reports = {key: report_of(archive, tmp_path) for key, archive in packed.items()}

    assert {key: report["findings"] for key, report in reports.items() if report["findings"]} == {}
    assert sum(len(report["lines"]) for report in reports.values()) > 100
    rules = {
        entry["rule"].split()[0].strip(",:") for r in reports.values() for x in r["lines"] for entry in x["entries"]
    }
    assert rules >= {"value", "commission", "fee", "undoes", "refund"}
    sections = {entry["section"] for r in reports.values() for x in r["lines"] for entry in x["entries"]}
    assert "adjustment" in sections
    openings = [p["opening"] for key, a in packed.items() if key[0] == 2 and key[1] for p in statement(a)["pairs"]]
    assert any(openings)


def statement(archive: bytes) -> dict[str, Any]:
    return json.loads(files_of(archive)["statement.json"])["statement"]  # type: ignore[no-any-return]


def test_a_partner_gets_nothing_of_the_others_and_no_guest(packed: dict[tuple[int, UUID | None], bytes]) -> None:
    for (_, party), archive in packed.items():
        if party is None:
            continue
        for event in events_of(archive):
            assert "holder_id" not in facts(event) or facts(event)["holder_id"] is None
            assert "from_id" not in facts(event)
            if event["topic"].startswith("Certificate."):
                assert str(party) in (facts(event)["issuer_id"], facts(event)["acceptor_id"])
            else:
                assert event["topic"].startswith("Agreement.")


def test_an_event_without_a_guest_is_held_against_the_chain(
    packed: dict[tuple[int, UUID | None], bytes], tmp_path: Path
) -> None:
    whole = report_of(packed[2, None], tmp_path)

    assert whole["without_their_guest"] == 0
    assert whole["held_against_the_chain"] == whole["events"]


def a_redemption(events: list[dict[str, Any]], after: int = 0) -> int:
    return next(
        n
        for n, e in enumerate(events)
        if e["topic"] == "Certificate.Redeemed" and e["position"] > after and "path" in e
    )


def more(event: dict[str, Any], name: str) -> None:
    with_facts(event, lambda f: f.update({name: (f[name] or 0) + 1}))


def slip_in(events: list[dict[str, Any]]) -> None:
    """A redemption that never was, behind one that was."""
    place = a_redemption(events)
    copy = json.loads(json.dumps(events[place]))
    copy["position"] += 1
    with_facts(copy, lambda f: f.update(redemption_id="00000000-0000-4000-8000-000000000001"))
    events[:] = [e for e in events if e["position"] != copy["position"]]
    events.insert(place + 1, copy)


def other_terms(events: list[dict[str, Any]]) -> None:
    """The terms of a certificate that was redeemed in the window: it is the issuer who bears all of it."""
    redeemed = {e["id"] for e in events if e["topic"] == "Certificate.Redeemed" and "path" in e}
    issued = [e for e in events if e["topic"] == "Certificate.Issued" and e["id"] in redeemed]
    chosen = next(e for e in issued if facts(e)["terms"]["funding"]["issuer"] == 3_334)
    with_facts(chosen, lambda f: f["terms"]["funding"].update(issuer=6_667))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("change", "checks"),
    [
        (lambda e: more(e[a_redemption(e)], "amount"),                    {"signature", "line", "rule"}),
        (lambda e: more(e[a_redemption(e)], "bill"),                      {"signature", "line"}),
        (lambda e: e.pop(a_redemption(e)),                                {"signature", "line"}),
        (slip_in,                                                         {"signature", "event", "line"}),
        (other_terms,                                                     {"signature", "terms", "rule", "line"}),
        (lambda e: e.append(e[-1]),                                       {"signature", "event"}),
        (lambda e: e[a_redemption(e)].update(hash="00" * 32),             {"signature", "event"}),
        (lambda e: e[a_redemption(e)].update(path=[]),                    {"signature", "event"}),
    ],
    ids=["amount", "bill", "removed", "inserted", "terms", "twice", "hash", "path"],
)  # fmt: skip
def test_whatever_is_changed_in_the_events_is_named(
    packed: dict[tuple[int, UUID | None], bytes],
    tmp_path: Path,
    change: Callable[[list[dict[str, Any]]], None],
    checks: set[str],
    whole: bool,
) -> None:
    archive = packed[2, None] if whole else _busiest(packed)

    found = {one["check"] for one in report_of(with_events(archive, change), tmp_path)["findings"]}

    assert found >= checks
    assert not whole or "event" in found, "with every event in hand the chain shows it, too"


def _busiest(packed: dict[tuple[int, UUID | None], bytes]) -> bytes:
    """The partner's archive of window 2 with a pool-shared certificate and the most lines."""
    own = [a for (n, party), a in packed.items() if n == 2 and party]
    return max(own, key=lambda a: (any(_shared(e) for e in events_of(a)), len(events_of(a))))


def _shared(event: dict[str, Any]) -> bool:
    return event["topic"] == "Certificate.Issued" and facts(event)["terms"]["funding"]["issuer"] == 3_334


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: s["pairs"][0]["lines"][0].update(amount=-10**6), "sum of its entries"),
        (lambda s: s["pairs"][0]["lines"][0]["entries"][0].update(amount=7), " 0.07 EUR, recomputed "),
        (lambda s: s["pairs"][0]["lines"][0].update(bill_reference="another"), "bill_reference is stated as another"),
        (lambda s: s["pairs"][0]["lines"].pop(0), "the statement has no line for it"),
        (lambda s: s["pairs"][0]["lines"].append(dict(s["pairs"][0]["lines"][0], position=1)), "no event is behind it"),
        (lambda s: s["pairs"][0].update(closing=s["pairs"][0]["closing"] + 1), "closing is stated as"),
        (lambda s: s["pairs"][0].update(opening=s["pairs"][0]["opening"] + 1), "opening is stated as"),
        (lambda s: s["pairs"][0].update(redeemed_here=-1), "redeemed_here is stated as"),
        (lambda s: s["heading"].update(chain_hash="00" * 32), "chain_hash is stated as"),
        (lambda s: s.update(due=s["due"] + 1), "due is stated as"),
    ],
)  # fmt: skip
def test_whatever_is_changed_in_the_statement_is_named(
    packed: dict[tuple[int, UUID | None], bytes], tmp_path: Path, change: Change, says: str
) -> None:
    archive = _busiest(packed)
    files, document = files_of(archive), {"format": 1, "statement": statement(archive)}
    document["statement"]["pairs"].sort(key=lambda pair: -sum(bool(line["entries"]) for line in pair["lines"]))
    document["statement"]["pairs"][0]["lines"].sort(key=lambda line: not line["entries"])
    change(document["statement"])
    files["statement.json"] = json.dumps(document).encode()

    findings = report_of(packed_again(files), tmp_path)["findings"]

    assert [one for one in findings if says in one["says"]], findings


def test_a_file_that_was_changed_taken_out_or_added_is_named(
    packed: dict[tuple[int, UUID | None], bytes], tmp_path: Path
) -> None:
    files = files_of(packed[2, None])
    del files["previous.json"]
    files["README.txt"] += b"!"
    files["more.txt"] = b"?"

    found = {one["where"] for one in report_of(packed_again(files, hashed=False), tmp_path)["findings"]}

    assert found >= {"previous.json", "README.txt", "more.txt"}


def test_another_key_is_not_the_coalitions(
    packed: dict[tuple[int, UUID | None], bytes], tmp_path: Path, module_database_url: str
) -> None:
    path = tmp_path / "archive.zip"
    path.write_bytes(packed[1, None])
    own = read_archive(path).manifest["root_key"]["public_key"]

    assert checked(read_archive(path), own)["sound"]
    other = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert {one["check"] for one in checked(read_archive(path), other)["findings"]} == {"signature"}


def test_the_accountants_command_says_it_in_words(
    packed: dict[tuple[int, UUID | None], bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, report = tmp_path / "salon.zip", tmp_path / "report.json"
    path.write_bytes(_busiest(packed))

    sound = till(["statement", "check", str(path), "--trace", "--json", str(report)], {})
    told = capsys.readouterr().out
    path.write_bytes(with_events(_busiest(packed), lambda e: more(e[a_redemption(e)], "amount")))
    differs = till(["statement", "check", str(path)], {})
    named = capsys.readouterr().out
    path.write_bytes(b"nothing")
    unreadable = till(["statement", "check", str(path)], {})

    assert (sound, differs, unreadable) == (0, 1, 2)
    assert "EVERYTHING AGREES" in told
    assert "largest remainder" in told
    assert json.loads(report.read_bytes())["sound"]
    assert "DIFFERENCES" in named
    assert "line, " in named


@given(st.integers(1, 70), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_every_leaf_climbs_to_the_root_and_no_other_does(size: int, random: Random) -> None:
    leaves = [sha256(bytes([n])).digest() for n in range(size)]
    tree, place = Tree(leaves), random.randrange(size)

    assert climbed(leaves[place], place, size, tree.path(place)) == tree.root
    assert climbed(leaves[place], place, size, [*tree.path(place), leaves[0]]) != tree.root
    if size > 1:
        assert climbed(leaves[place - 1], place, size, tree.path(place)) != tree.root


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 7), st.integers(1, 7)).filter(lambda pair: pair[0] != pair[1]), st.integers(1, 40)
    )
)
@settings(max_examples=60, deadline=None)
def test_the_second_netting_agrees_with_the_first(drawn: dict[tuple[int, int], int]) -> None:
    debts = {(UUID(int=d), UUID(int=c)): amount for (d, c), amount in drawn.items()}
    told = {(str(d), str(c)): amount for (d, c), amount in debts.items()}
    bilateral = net_bilaterally(debts)
    made = {
        "bilateral": bilateral,
        "loops": clear_loops(bilateral)[0],
        "multilateral": net_multilaterally(net_positions(debts)),
    }

    for method, expected in made.items():
        assert netted(told, method) == {(str(d), str(c)): amount for (d, c), amount in expected.items()}
