"""The network itself behind a real socket: owners and organizer by the SDK, two shops by their tills' command line."""

import io
import random
import re
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import uvicorn
import zxingcpp
from PIL import Image

from merchants.answers import Issued, Option
from merchants.cli import main
from merchants.client import Choice, Client, NoDecision, Patience, Refused
from merchants.outbox import Outbox
from merchants.scanner import Copy
from merchants.till import Till, answer_of
from network.api.app import create_app
from network.coalitions import Coalitions
from network.credentials import create_credential
from network.settings import Settings
from tests.merchants.failing_network import failing_network
from tests.support import MASTER_KEY, migrated

AT_LAST = 180
"""Seconds: a busy machine answers few of the requests that are given up so soon, but some."""

TERMS = {"face": {"fixed": 500}, "smallest_bill_to_issue": 1000, "validity_days": 30, "funding": {"issuer": 10_000}}


@dataclass
class Street:
    """A coalition of two shops with an agreement from the first to the second."""

    url: str
    slug: str
    organizer: str
    salon_id: UUID
    bistro_id: UUID
    agreement_id: UUID
    owners: dict[str, str]
    tills: dict[str, str]


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The app on a free port, in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@pytest.fixture(scope="module")
def street(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    url = migrated(module_database_url)
    settings = Settings(
        database_url=url,
        data_dir=tmp_path_factory.mktemp("network"),
        host="127.0.0.1",
        port=8700,
        public_url="http://localhost:8700",
        master_key=MASTER_KEY,
        log_level="warning",
        dev=True,
    )
    coalition_id = uuid4()
    coalitions = Coalitions(url, MASTER_KEY)
    opened = coalitions.found(
        coalition_id=coalition_id, slug="old-town", name="Old Town", currency="EUR", time_zone="Europe/Riga"
    )
    organizer = create_credential(opened, uuid4(), "organizer", coalition_id, "first")
    coalitions.close()
    with serving(create_app(settings, url)) as address:
        yield settled(address, organizer)


def settled(url: str, organizer: str) -> Street:
    """Both shops apply, are admitted, agree, and give their tills credentials, all by the SDK."""
    ids, owners, tills = {"Salon": uuid4(), "Bistro": uuid4()}, {}, {}
    with Client(url, organizer) as organizing, Client(url) as anybody:
        for name, merchant_id in ids.items():
            applied = anybody.apply_to_join(
                slug="old-town", merchant_id=merchant_id, name=name, category="shop", address="Elm Street 1"
            )
            assert applied.credential is not None
            owners[name] = applied.credential.secret
            assert organizing.admit_merchant(merchant_id=merchant_id).state == "admitted"
    agreement_id = uuid4()
    with Client(url, owners["Salon"]) as salon, Client(url, owners["Bistro"]) as bistro:
        assert salon.set_draw_rules(neutral=0).policy_version == 1  # so that every guest of these tests gets one
        assert salon.draw_rules().raw["neutral"] == 0
        proposed = salon.propose_agreement(
            agreement_id=agreement_id, issuer_id=ids["Salon"], acceptor_id=ids["Bistro"], terms=TERMS
        )
        assert proposed.version_waiting == 1
        assert bistro.accept_version(agreement_id=agreement_id, version=1).state == "active"
        for name, owner in (("Salon", salon), ("Bistro", bistro)):
            made = owner.make_credential(credential_id=uuid4(), role="till", subject_id=ids[name], label="window")
            tills[name] = made.secret
    return Street(url, "old-town", organizer, ids["Salon"], ids["Bistro"], agreement_id, owners, tills)


@dataclass
class Shell:
    """One shop's terminal."""

    environment: dict[str, str]
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    code: int = 0

    def till(self, *words: str, scanned: str = "") -> str:
        """Type a command; what it prints. The exit code is kept."""
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(scanned))
        self.capsys.readouterr()
        self.code = main(words, self.environment)
        return self.capsys.readouterr().out


@pytest.fixture
def shell_of(
    street: Street, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Any:
    def shell(name: str) -> Shell:
        home = tmp_path / name
        environment = {"POLLEN_TILL_CONFIG": str(home / "till.toml"), "POLLEN_TILL_OUTBOX": str(home / "till.db")}
        one = Shell(environment, capsys, monkeypatch)
        said = one.till("setup", "--url", street.url, scanned=street.tills[name] + "\n")
        assert (one.code, "OK" in said) == (0, True)
        return one

    return shell


def test_the_story_by_command_line(street: Street, shell_of: Any, tmp_path: Path) -> None:
    salon, bistro = shell_of("Salon"), shell_of("Bistro")
    picture, paper = tmp_path / "one.png", tmp_path / "one.txt"

    paid = salon.till("pay", "24,00", "--bill", "S-1")
    assert salon.code == 0
    assert "24.00 EUR" in paid
    assert "1. 5.00 EUR at Bistro" in paid

    given = salon.till("issue", "1", "--bill", "S-1", "--png", str(picture), "--receipt", str(paper))
    assert salon.code == 0
    assert link_drawn_in(given) == zxingcpp.read_barcode(Image.open(picture)).text
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", paper.read_text())
    assert code is not None

    worth = bistro.till("check", "--code", code[0])
    assert "WORTH 5.00 EUR" in worth

    taken = bistro.till("redeem", "--image", str(picture), "--bill", "B-1", "--total", "18.00")
    assert bistro.code == 0
    assert "OK  TO PAY 13.00 EUR" in taken

    again = bistro.till("redeem", "--bill", "B-2", "--total", "18.00", scanned=link_drawn_in(given) + "\n")
    assert bistro.code == 1
    assert "NO  This certificate was already used on" in again

    undone = bistro.till("reverse")
    assert bistro.code == 0
    assert "UNDONE: 5.00 EUR" in undone

    bistro.till("redeem", "--code", code[0].lower().replace("-", " "), "--bill", "B-3", "--total", "18")
    assert bistro.code == 0
    bistro.till("pay", "18.00", "--bill", "B-3")
    assert bistro.code == 0
    back = bistro.till("refund", "9.00", "--bill", "B-3")
    assert "GIVE BACK 6.50 EUR" in back
    assert "2.50 EUR" in back

    report = bistro.till("report")
    figures = dict(re.findall(r"^(\w[\w ,]*?)\s{2,}(\d+)$", report, re.MULTILINE))
    assert figures == {
        "Bills paid": "1",
        "Certificates taken": "1",
        "Undone": "1",
        "Certificates given": "0",
        "Refunds, cash": "1",
        "Refused": "1",
        "Waiting for network": "0",
    }
    assert "Nothing waits" in bistro.till("outbox")


def link_drawn_in(said: str) -> str:
    """What a camera reads from the terminal: the half blocks drawn into a picture."""
    lines = [line for line in said.splitlines() if set(line) & set("█▀▄") and not set(line) - set("█▀▄ ")]
    width = max(len(line) for line in lines)
    picture = Image.new("L", (width, 2 * len(lines)), 255)
    for y, line in enumerate(lines):
        for x, sign in enumerate(line.ljust(width)):
            picture.putpixel((x, 2 * y), 255 if sign in "█▀" else 0)
            picture.putpixel((x, 2 * y + 1), 255 if sign in "█▄" else 0)
    read = zxingcpp.read_barcode(picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST))
    assert read is not None, "the terminal's QR is not readable"
    return str(read.text)


def test_prints_the_same_certificate_again(street: Street, shell_of: Any) -> None:
    salon = shell_of("Salon")
    salon.till("pay", "24", "--bill", "S-2")
    first = link_drawn_in(salon.till("issue", "--bill", "S-2"))

    again = link_drawn_in(salon.till("print", "--bill", "S-2"))
    second = salon.till("issue", "--bill", "S-2")

    assert again == first
    assert salon.code == 1
    assert "already handed out" in second


def test_the_files_of_a_till_are_private(street: Street, shell_of: Any, tmp_path: Path) -> None:
    shell_of("Salon")

    for name in ("till.toml", "till.db"):
        assert stat.S_IMODE((tmp_path / "Salon" / name).stat().st_mode) == 0o600


def test_another_shops_credential_does_not_deliver_this_outbox(street: Street, shell_of: Any) -> None:
    salon = shell_of("Salon")
    salon.environment["POLLEN_URL"] = street.url
    salon.environment["POLLEN_CREDENTIAL"] = street.tills["Bistro"]

    said = salon.till("report")

    assert salon.code == 2
    assert "keeps the commands of" in said


def test_an_owners_credential_is_no_tills(street: Street, shell_of: Any) -> None:
    salon = shell_of("Salon")
    salon.environment["POLLEN_CREDENTIAL"] = street.owners["Salon"]

    said = salon.till("report")

    assert salon.code == 2
    assert "role owner" in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("pay", "1.2.3", "--bill", "X"), 2),
        (("redeem", "--code", "AAAAA-AAAAA", "--bill", "X", "--total", "1"), 1),
        (("redeem", "--bill", "X", "--total", "1"), 1),
        (("reverse",), 2),
        (("issue", "--bill", "nobody"), 2),
    ],
)
def test_says_no_in_words(street: Street, shell_of: Any, words: tuple[str, ...], code: int) -> None:
    salon = shell_of("Salon")

    said = salon.till(*words)

    assert salon.code == code
    assert "NO" in said


def test_a_dead_network_is_exit_code_3_and_loses_nothing(street: Street, shell_of: Any, tmp_path: Path) -> None:
    salon = shell_of("Salon")
    salon.environment["POLLEN_URL"] = "http://127.0.0.1:9"
    said = salon.till("pay", "24", "--bill", "S-9")
    assert (salon.code, "SAVED" in said) == (3, True)
    said = salon.till("redeem", "--code", "00000-00000", "--bill", "S-9", "--total", "24")
    assert (salon.code, "NOT DEDUCTED" in said) == (3, True)
    del salon.environment["POLLEN_URL"]

    said = salon.till("outbox", "deliver")

    assert "Delivered: 1" in said
    assert salon.code == 0
    outbox = Outbox(tmp_path / "Salon" / "till.db")
    assert outbox.entries(states=("waiting",)) == []
    outbox.close()


def test_a_wallet_claims_passes_on_and_the_old_copy_is_refused(street: Street) -> None:
    with Client(street.url) as anybody:
        wallets = [anybody.open_wallet(slug=street.slug, wallet_id=uuid4()) for _ in range(2)]
    with Client(street.url, street.tills["Salon"]) as salon:
        paid = salon.record_payment(bill_reference="W-1", amount=2400, currency="EUR")
        (option,) = salon.options(payment_id=paid.payment_id)
        choice = Choice(uuid4(), option.agreement_id, option.allotment_id)
        (paper,) = salon.issue_certificates(payment_id=paid.payment_id, choices=[choice]).certificates
        assert salon.qr_png(token=paper.token or "").startswith(b"\x89PNG")
    with (
        Client(street.url, wallets[0].credential.secret) as anna,
        Client(street.url, wallets[1].credential.secret) as boris,
        Client(street.url, street.tills["Bistro"]) as bistro,
    ):
        claimed = anna.claim(token=paper.token)
        assert claimed.in_wallet
        assert [one["certificate_id"] for one in anna.wallet_certificates().raw["certificates"]] == [
            str(paper.certificate_id)
        ]
        passed = anna.pass_on(certificate_id=paper.certificate_id)
        assert passed.link is not None
        boris.claim(token=passed.link)
        copy = boris.copy(certificate_id=paper.certificate_id)

        with pytest.raises(Refused) as refusal:
            bistro.redeem(bill_reference="W-2", bill=1800, token=claimed.token)
        assert refusal.value.code == "certificate_passed_on"
        assert bistro.redeem(bill_reference="W-2", bill=1800, token=copy.token).to_pay == 1300
        assert len(bistro.history(certificate_id=paper.certificate_id).raw["history"]) >= 5


def test_the_rest_of_the_sdk_speaks_the_same_language(street: Street) -> None:
    agreement_id = uuid4()  # from the bistro to the salon: the salon's tills are offered what they always are
    with (
        Client(street.url, street.organizer) as organizer,
        Client(street.url, street.owners["Salon"]) as salon,
        Client(street.url, street.owners["Bistro"]) as bistro,
    ):
        bistro.propose_agreement(
            agreement_id=agreement_id, issuer_id=street.bistro_id, acceptor_id=street.salon_id, terms=TERMS
        )
        salon.accept_version(agreement_id=agreement_id, version=1)
        assert organizer.me().role == "organizer"
        assert organizer.coalition(slug=street.slug).currency == "EUR"
        assert len(organizer.merchants().raw["merchants"]) == 2
        assert organizer.merchant(merchant_id=street.bistro_id).name == "Bistro"
        assert organizer.set_cap(scope=f"debtor:{street.salon_id}", limit=None, reason="test").raw["limit"] is None
        assert organizer.caps().raw
        assert bistro.agreement(agreement_id=agreement_id).raw["state"] == "active"
        assert bistro.agreements().raw
        stock = salon.set_allotment_aside(
            allotment_id=uuid4(), agreement_id=agreement_id, number=5, face=700, last_on="2099-01-01"
        )
        assert stock.left == 5
        assert bistro.allotments().raw
        assert bistro.credentials().raw["credentials"]
        made = bistro.make_credential(credential_id=uuid4(), role="till", subject_id=street.bistro_id, label="second")
        rotated = bistro.rotate_credential(credential_id=made.credential_id)
        assert rotated.secret != made.secret
        bistro.revoke_credential(credential_id=made.credential_id)
        for name in ("obligations", "balances", "reserves", "flows"):
            assert organizer.report(name=name).raw
        page = organizer.events(after=0, limit=3)
        assert page.raw["next_after"]
        hook = uuid4()
        bistro.add_webhook(webhook_id=hook, url="http://127.0.0.1:9/hook", topics=["Certificate.Redeemed"])
        assert bistro.webhooks().raw
        bistro.remove_webhook(webhook_id=hook)
        assert bistro.pause_agreement(agreement_id=agreement_id).state == "paused"
        assert bistro.resume_agreement(agreement_id=agreement_id).state == "active"


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_over_a_bad_line_nothing_is_lost_and_nothing_doubled(street: Street, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    bills = [f"L{seed}-{number}" for number in range(5)]
    patience = Patience(total=0.5, connect=0.3, read=0.4, first_pause=0.01, longest_pause=0.05)
    with ExitStack() as closing:
        line = closing.enter_context(failing_network(street.url))
        kinds = ["", "", "drop_before", "drop_after", "busy", "broken", "slow", "portal"]
        line.failures.extend(chance.choice(kinds) for _ in range(120))
        tills = {}
        for name, secret in street.tills.items():
            client = closing.enter_context(Client(line.url, secret, patience=patience))
            outbox = Outbox(tmp_path / f"{name}.db")
            closing.callback(outbox.close)
            tills[name] = Till(client, outbox, within=0.5, within_saved=0.2)
        salon, bistro = tills["Salon"], tills["Bistro"]
        option = Option(
            raw={}, agreement_id=street.agreement_id, acceptor_id=street.bistro_id, acceptor_name="Bistro", fits=True
        )

        for bill in bills:
            salon.pay(bill=bill, amount=2400, currency="EUR")
            salon.issue(bill=bill, options=[option])
        delivered(salon)
        for bill in bills:
            issued = answer_of(Issued, salon.issue(bill=bill, options=[option]))
            redeemed_at_last(bistro, Copy(token=issued.certificates[0].token), bill)
            bistro.pay(bill=bill, amount=1800, currency="EUR")
        for bill in bills[:2]:
            bistro.reverse(bill=bill, reason="test")
        for till in tills.values():
            delivered(till)

    topics = [event["topic"] for event in events_of(street) if event["facts"].get("bill_reference") in bills]
    assert topics.count("Payment.Recorded") == 5  # the salon's; the bistro's were announced by a redemption
    assert topics.count("Payment.Announced") == 5
    with Client(street.url, street.tills["Salon"]) as client:
        for bill in bills:
            paid = client.record_payment(bill_reference=bill, amount=2400, currency="EUR")
            with pytest.raises(Refused) as refusal:
                client.issue_certificates(payment_id=paid.payment_id, choices=[Choice(uuid4(), street.agreement_id)])
            assert refusal.value.code == "issue_already_decided"
    with Client(street.url, street.tills["Bistro"]) as client:
        deducted = [client.record_payment(bill_reference=bill, amount=1800, currency="EUR").deducted for bill in bills]
    assert deducted == [0, 0, 500, 500, 500]


def delivered(till: Till) -> None:
    ends_at = time.monotonic() + AT_LAST
    while till.waiting():
        assert time.monotonic() < ends_at, till.waiting()
        till.outbox.make_due()
        till.delivery.everything_due()


def redeemed_at_last(till: Till, copy: Copy, bill: str) -> None:
    """The cashier scans again until there is an answer."""
    ends_at = time.monotonic() + AT_LAST
    while time.monotonic() < ends_at:
        try:
            entry = till.redeem(copy=copy, bill=bill, total=1800)
        except NoDecision:
            continue
        assert entry.state == "done", entry.answer
        till.outbox.mark_shown(entry.key)
        return
    raise AssertionError("never answered")


def events_of(street: Street) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with Client(street.url, street.organizer) as organizer:
        after = 0
        while page := organizer.events(after=after, limit=200).raw:
            if not page["events"]:
                return found
            found += page["events"]
            after = page["next_after"]
    return found
