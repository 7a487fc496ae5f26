"""Bring what waits in the outbox to the network: at once for a cashier who waits, in the background for the rest."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from merchants.client import Client
from merchants.commands.till import reversal_command
from merchants.entries import Entry
from merchants.errors import CredentialRefused, NoDecision, Refused, UnexpectedAnswer, Unreachable
from merchants.outbox import Outbox
from merchants.transport import Patience

# Short tries: while the courier tries a bill, the cashier who wants that bill waits for it.
COURIERS_PATIENCE = Patience(total=5.0, read=4.0)
_NOT_THE_NETWORK = "Something else than the certificate network answered. Check the address and the Wi-Fi."
FINAL = ("done", "refused", "dropped")


class Delivery:
    """One outbox and one client. `patience` bounds one try of one command, its own repetitions included."""

    def __init__(self, outbox: Outbox, client: Client, *, patience: Patience | None = None) -> None:
        self.outbox = outbox
        self.client = client
        self.patience = patience or client.transport.patience

    def now(self, key: str, *, within: float) -> Entry:
        """Send this command, after those before it in its stream, and wait for its answer.

        Returns the answered entry, refusals included. Raises NoDecision when there is no answer in time;
        the entry then still waits in the outbox.
        """
        ends_at = time.monotonic() + within
        while True:
            entry = self.outbox.find(key)
            assert entry is not None, "a command is sent after it was written down"
            if entry.state in FINAL:
                return entry
            left = ends_at - time.monotonic()
            if left <= 0:
                raise Unreachable("There is no answer yet.", may_have_arrived=entry.may_have_arrived)
            taken = self.outbox.take(stream=entry.stream)
            if taken is None:
                time.sleep(0.02)  # another till process is sending this bill's commands just now
                continue
            try:
                self._try(taken, wanted=taken.key == key, within=left)
            except NoDecision as trouble:
                arrived = self.outbox.find(key)
                assert arrived is not None
                raise _as_seen_from(arrived, trouble) from trouble

    def everything_due(self, *, stop: Callable[[], bool] = lambda: False) -> tuple[int, str | None]:
        """Send what is due, each once. How many were answered, and why the first that was not had to wait."""
        answered, problem = 0, None
        tried: set[int] = set()
        while not stop() and (taken := self.outbox.take(skip=tried)) is not None:
            tried.add(taken.number)
            try:
                self._try(taken, wanted=False, within=self.patience.total)
                answered += 1
            except NoDecision as trouble:
                problem = problem or trouble.detail
                if not trouble.may_have_arrived or isinstance(trouble, CredentialRefused):
                    break  # no line, or a dead credential: the others would only wait in vain
        return answered, problem

    def _try(self, entry: Entry, *, wanted: bool, within: float) -> None:
        patience = replace(self.patience, total=min(within, self.patience.total))
        undone = entry.undo and not wanted
        if undone and not entry.may_have_arrived:
            self.outbox.settle(entry, state="dropped", status=None, answer={})  # it was never sent: nothing to undo
            return
        try:
            answer = self.client.transport.exchange(
                entry.method, entry.route, content=entry.body, key=entry.key, patience=patience
            )
        except Refused as refusal:
            told = {"code": refusal.code, "detail": refusal.detail, **refusal.facts}
            self.outbox.settle(entry, state="dropped" if undone else "refused", status=refusal.status, answer=told)
        except NoDecision as trouble:
            self.outbox.postpone(
                entry,
                problem=trouble.detail,
                may_have_arrived=entry.may_have_arrived or trouble.may_have_arrived,
                after=trouble.retry_after,
            )
            raise
        except BaseException:  # Ctrl-C, or a bug: let the next one take it, and be careful about what was sent
            self.outbox.postpone(entry, problem="interrupted", may_have_arrived=True)
            raise
        else:
            body = answer.body
            if answer.position is None or not isinstance(body, dict) or (undone and "certificate_id" not in body):
                # Every answer of the network to a command names a position; a sign-in page that speaks JSON does not.
                self.outbox.postpone(entry, problem=_NOT_THE_NETWORK, may_have_arrived=True)
                raise UnexpectedAnswer(_NOT_THE_NETWORK, may_have_arrived=True, status=answer.status)
            follow = _undoing(entry, body) if undone else None
            self.outbox.settle(
                entry, state="done", status=answer.status, answer=body, position=answer.position, follow=follow
            )


class Courier(threading.Thread):
    """Delivers in the background while the till is open; `stop()` ends it after the command in hand."""

    def __init__(self, path: Path, client: Client, *, every: float = 5.0) -> None:
        super().__init__(name="courier", daemon=True)
        self._path = path
        self._client = client
        self._every = every
        self._stopped = threading.Event()
        self.problem: str | None = None

    def run(self) -> None:
        """Look every few seconds; a pause after trouble is the outbox's own."""
        outbox = Outbox(self._path)
        delivery = Delivery(outbox, self._client, patience=COURIERS_PATIENCE)
        while not self._stopped.wait(self._every):
            try:
                _, self.problem = delivery.everything_due(stop=self._stopped.is_set)
            except sqlite3.Error as problem:  # a full disk, say: look again later rather than stop for the day
                self.problem = str(problem)
        outbox.close()

    def stop(self) -> None:
        """Come back when it has ended, or after the time of one try."""
        self._stopped.set()
        self.join(timeout=self._client.transport.patience.total)


def _undoing(entry: Entry, body: dict[str, Any]) -> Any:
    asked = json.loads(entry.body)
    command = reversal_command(
        certificate_id=str(body["certificate_id"]),
        redemption_id=str(asked["redemption_id"]),
        reason="The answer did not reach the till in time.",
    )
    return command, {**entry.note, "redemption_id": str(asked["redemption_id"]), "automatic": True}


def _as_seen_from(entry: Entry, trouble: NoDecision) -> NoDecision:
    """The trouble may have been another command's, earlier in the stream: what counts is whether this one was sent."""
    if entry.may_have_arrived == trouble.may_have_arrived:
        return trouble
    return Unreachable(trouble.detail, may_have_arrived=entry.may_have_arrived, retry_after=trouble.retry_after)
