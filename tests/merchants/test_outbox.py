import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from merchants.commands.till import payment_command, redeem_command
from merchants.delivery import Courier, Delivery
from merchants.errors import Unreachable
from merchants.outbox import Outbox, OutboxOfAnother
from merchants.scanner import Copy
from merchants.till import Till
from tests.merchants.failing_network import FailingNetwork

ROOT = Path(__file__).resolve().parents[2]
CODE = Copy(typed_code="00000-00000")
StartTill = Callable[[], Till]


def pay(till: Till, bill: str = "B1", amount: int = 2400) -> str:
    return till.pay(bill=bill, amount=amount, currency="EUR").state


def deliver(till: Till) -> int:
    till.outbox.make_due()
    return Delivery(till.outbox, till.client).everything_due()[0]


def process(network: FailingNetwork, path: Path, *action: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.merchants.one_till_process", network.url, str(path), *action]
    return subprocess.Popen(command, cwd=ROOT)


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "it did not happen"
        time.sleep(0.01)


def test_a_command_is_on_disk_before_it_is_sent(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.stop()

    assert pay(till) == "waiting"

    assert [entry.name for entry in start_till().waiting()] == ["record_payment"]


def test_what_waits_is_delivered_once_the_network_is_back(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.stop()
    for number in range(5):
        pay(till, f"B{number}")
    assert network.effects == []

    network.start()

    assert deliver(till) == 5
    assert len(network.effects) == 5
    assert till.waiting() == []


def test_a_lost_reply_is_asked_for_again_with_the_same_key(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.failures.extend(["drop_after"] * 50)
    assert pay(till) == "waiting"
    network.failures.clear()

    assert deliver(till) == 1

    assert len(network.effects) == 1
    assert len({one.key for one in network.sent()}) == 1


def test_the_same_asked_again_is_the_same_command(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.stop()

    pay(till)
    pay(till)
    till.refund(bill="B1", amount=2400, currency="EUR")
    till.refund(bill="B1", amount=2400, currency="EUR")

    assert [entry.name for entry in till.waiting()] == ["record_payment", "refund"]


def test_commands_of_one_bill_keep_their_order(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.stop()
    pay(till)
    till.refund(bill="B1", amount=1000, currency="EUR")
    till.refund(bill="B1", amount=400, currency="EUR")
    network.start()
    network.failures.extend(["busy", "drop_after", "drop_before"] * 4)

    while till.waiting():
        deliver(till)

    routes = [route.rsplit("/", 1)[1] for route, _ in network.effects]
    assert routes == ["payments", "refunds", "refunds"]
    assert '"amount":1000' in network.effects[1][1]
    assert "{payment_id}" not in network.effects[1][0]


def test_a_bill_whose_payment_is_refused_refunds_nothing(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.stop()
    pay(till)
    till.refund(bill="B1", amount=1000, currency="EUR")
    network.start()
    network.refusals["/v1/payments"] = (409, {"code": "bill_conflict", "detail": "Already on record."})

    deliver(till)

    assert [entry.answer and entry.answer["code"] for entry in till.news()] == ["bill_conflict", "earlier_refused"]
    assert len(network.sent()) == 1


def test_one_bill_in_trouble_does_not_hold_up_another(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.stop()
    pay(till, "B1")
    pay(till, "B2")
    network.start()
    network.failures.extend(["broken"] * 12)

    ends_at = time.monotonic() + 10
    while till.waiting() and time.monotonic() < ends_at:
        deliver(till)

    assert len(network.effects) == 2


def test_a_dead_credential_keeps_what_waits(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.refusals["/v1/payments"] = (401, {"code": "credential_unknown", "detail": "Revoked."})
    assert pay(till) == "waiting"
    network.refusals.clear()
    network.answers.clear()

    assert deliver(till) == 1
    assert len(network.effects) == 1


def test_a_refusal_is_final_and_told_until_it_was_seen(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.stop()
    pay(till)
    network.start()
    network.refusals["/v1/payments"] = (409, {"code": "bill_conflict", "detail": "Already on record."})
    deliver(till)

    (told,) = start_till().news()
    till.outbox.mark_shown(told.key)

    assert told.state == "refused"
    assert till.news() == []
    assert deliver(till) == 0


def test_a_killed_till_delivers_with_the_same_key(
    network: FailingNetwork, start_till: StartTill, tmp_path: Path
) -> None:
    network.failures.append("slow")
    running = process(network, tmp_path / "till.db", "pay", "B1")
    wait_for(lambda: len(network.effects) == 1)  # it took effect, and its answer is still on its way
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    till = start_till()
    assert [entry.state for entry in till.outbox.entries()] == ["waiting"]

    assert deliver(till) == 1

    assert len(network.effects) == 1
    assert len({one.key for one in network.sent()}) == 1


def test_a_till_killed_while_it_redeems_gets_the_answer_by_scanning_again(
    network: FailingNetwork, start_till: StartTill, tmp_path: Path
) -> None:
    network.failures.append("slow")
    running = process(network, tmp_path / "till.db", "redeem", "B1")
    wait_for(lambda: len(network.effects) == 1)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()

    entry = start_till().redeem(copy=CODE, bill="B1", total=2400)

    assert entry.state == "done"
    assert len(network.effects) == 1


@pytest.mark.parametrize("action", ["pay", "deliver"])
def test_two_processes_on_one_outbox_double_nothing(
    network: FailingNetwork, start_till: StartTill, tmp_path: Path, action: str
) -> None:
    till = start_till()
    port = network.port
    network.stop()
    till.within_saved = 0.05
    bills = [f"B{number}" for number in range(6)]
    for bill in bills:
        pay(till, bill)
        till.refund(bill=bill, amount=100, currency="EUR")
    till.outbox.make_due()
    network.port = port
    network.start()
    network.failures.extend(["drop_after", "", "slow", ""] * 3)

    both = [process(network, tmp_path / "till.db", action, "B0") for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    deliver(till)

    assert till.waiting() == []
    assert len(network.effects) == 12
    assert len({one.key for one in network.sent()}) == 12
    for bill in bills:
        payment = next(n for n, (_, body) in enumerate(network.effects) if f'"{bill}"' in body)
        paid = next(entry for entry in till.outbox.entries(stream=f"bill:{bill}") if entry.answer)
        refund = next(n for n, (route, _) in enumerate(network.effects) if f"{paid.answer['payment_id']}/" in route)
        assert payment < refund


def test_a_lease_of_a_dead_process_holds_nothing_up(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.stop()
    pay(till)
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with sqlite3.connect(till.outbox.path) as db:
        by = f"{int(gone.stdout)}:x"
        db.execute("UPDATE commands SET leased_by = ?, leased_until = ?", (by, time.time() + 40))
    db.close()
    network.start()

    assert deliver(till) == 1


def test_a_lease_of_a_living_process_is_respected(network: FailingNetwork, start_till: StartTill) -> None:
    till, other = start_till(), start_till()
    network.stop()
    pay(till)
    till.outbox.make_due()
    assert till.outbox.take() is not None

    assert other.outbox.take() is None


def test_pauses_grow_and_a_clock_that_was_set_back_does_not_stop_deliveries(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "till.db")
    command = payment_command(bill_reference="B1", amount=2400, currency="EUR")
    entry = outbox.add(command, stream="bill:B1")
    outbox.take()
    outbox.postpone(entry, problem="x", may_have_arrived=False)
    assert outbox.take() is None
    with sqlite3.connect(tmp_path / "till.db") as db:
        db.execute("UPDATE commands SET due_at = due_at + 86400")
    db.close()

    assert outbox.take() is not None
    outbox.close()


def test_the_courier_delivers_in_the_background(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    network.stop()
    pay(till)
    till.outbox.make_due()
    network.start()
    courier = Courier(till.outbox.path, till.client, every=0.02)
    courier.start()

    wait_for(lambda: len(network.effects) == 1)

    courier.stop()
    assert not courier.is_alive()


def test_the_file_is_private_and_forgets_what_is_worth_money(network: FailingNetwork, start_till: StartTill) -> None:
    till = start_till()
    pay(till)
    token = "SECRETT0KEN" * 8
    redeemed = till.redeem(copy=Copy(token=token), bill="B2", total=2400)
    issued = till.issue(bill="B1", options=till.remembered_options(bill="B1"))
    assert issued.answer
    assert issued.answer["certificates"][0]["token"] == "T0KEN"

    till.outbox.mark_shown(redeemed.key, issued.key)
    till.outbox.close()

    files = list(till.outbox.path.parent.glob("till.db*"))
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    stored = b"".join(file.read_bytes() for file in files)
    for secret in (token, "T0KEN", "00000-00000", "pollen_till"):
        assert secret.encode() not in stored


def test_an_outbox_is_not_delivered_for_another_shop(start_till: StartTill) -> None:
    till = start_till()
    till.outbox.belong_to("old-town/one")

    with pytest.raises(OutboxOfAnother):
        till.outbox.belong_to("old-town/other")


class TestRedemption:
    def test_with_no_network_nothing_is_sent_and_nothing_waits(
        self, network: FailingNetwork, start_till: StartTill
    ) -> None:
        till = start_till()
        network.stop()

        with pytest.raises(Unreachable) as trouble:
            till.redeem(copy=CODE, bill="B1", total=2400)

        assert not trouble.value.may_have_arrived
        assert till.waiting() == []

    def test_without_an_answer_the_same_scan_asks_again(self, network: FailingNetwork, start_till: StartTill) -> None:
        till = start_till()
        network.failures.extend(["drop_after"] * 50)
        with pytest.raises(Unreachable) as trouble:
            till.redeem(copy=CODE, bill="B1", total=2400)
        assert trouble.value.may_have_arrived
        network.failures.clear()

        entry = start_till().redeem(copy=CODE, bill="B1", total=2400)

        assert entry.state == "done"
        assert len(network.effects) == 1

    def test_is_not_delivered_while_the_guest_may_wait(self, network: FailingNetwork, start_till: StartTill) -> None:
        till = start_till()
        network.failures.extend(["drop_before"] * 50)
        with pytest.raises(Unreachable):
            till.redeem(copy=CODE, bill="B1", total=2400)
        network.failures.clear()

        assert deliver(till) == 0
        assert network.effects == []

    def test_is_undone_once_the_bill_is_paid(self, network: FailingNetwork, start_till: StartTill) -> None:
        till = start_till()
        network.failures.extend(["drop_after"] * 50)
        with pytest.raises(Unreachable):
            till.redeem(copy=CODE, bill="B1", total=2400)
        network.failures.clear()

        assert pay(till) == "done"

        routes = [route for route, _ in network.effects]
        assert [route.rsplit("/", 1)[1] for route in routes] == ["redemptions", "reversal", "payments"]
        asked = till.outbox.entries(stream="bill:B1")[0].note["redemption_id"]
        assert f"/redemptions/{asked}/reversal" in routes[1]

    def test_that_was_undone_is_a_new_one_when_scanned_again(
        self, network: FailingNetwork, start_till: StartTill
    ) -> None:
        till = start_till()
        network.failures.extend(["drop_after"] * 50)
        with pytest.raises(Unreachable):
            till.redeem(copy=CODE, bill="B1", total=2400)
        network.failures.clear()
        till.outbox.give_up_waiting(stream="bill:B1")
        deliver(till)

        entry = till.redeem(copy=CODE, bill="B1", total=2400)

        assert entry.state == "done"
        kinds = [route.rsplit("/", 1)[1] for route, _ in network.effects]
        assert kinds == ["redemptions", "reversal", "redemptions"]

    def test_written_but_never_sent_is_forgotten(self, network: FailingNetwork, start_till: StartTill) -> None:
        till = start_till()
        command = redeem_command(redemption_id="x", bill_reference="B1", bill=2400, typed_code="00000-00000")
        till.outbox.add(command, stream="bill:B1", due_in=0.0, undo=True)

        deliver(till)

        assert network.effects == []
        assert till.waiting() == []

    def test_refused_is_told_at_once(self, network: FailingNetwork, start_till: StartTill) -> None:
        network.refusals["/v1/redemptions"] = (403, {"code": "wrong_acceptor", "detail": "For another shop."})

        entry = start_till().redeem(copy=CODE, bill="B1", total=2400)

        assert entry.state == "refused"
        assert entry.answer
        assert entry.answer["detail"] == "For another shop."
