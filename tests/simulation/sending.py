"""Commands on their way: sent twice, asked for again, cut off, raced."""

import copy
from concurrent.futures import Future
from typing import Any
from uuid import UUID

from network.application import Answer, Request
from tests.simulation.comparing import Comparing, Difference
from tests.simulation.notebook.sums import Outcome, Plain
from tests.simulation.wire import agrees, code_of, for_network

KEPT = 400


class Sending(Comparing):
    def do(self, command: str, **details: Any) -> Outcome:
        """Send one command, sometimes twice at once, and compare answer and effect with the model's."""
        self.model.now = self.clock.now
        key = str(self._id())
        before = self._ledger()
        times = 2 if self.random.random() < 0.06 else 1
        tills = [self.random.choice(self._tills) for _ in range(times)]
        if self.random.random() < 0.004:
            self._cut_connections()
        futures = [self._send(till, command, key, details) for till in tills]
        answers = [future.result(60) for future in futures]
        self._same("the answer of a duplicate", {answer.body for answer in answers}, {answers[0].body})
        outcome = self.model.act(command, details)
        self._compare_answer(command, details, answers[0], outcome)
        self._remember(command, key, details, answers[0].body)
        self._compare_effects(outcome, before)
        return outcome

    def _send(self, till: Any, command: str, key: str, details: Plain) -> "Future[Answer]":
        request = Request("till", key, repr(details).encode())
        future: Future[Answer] = getattr(till, command)(request=request, **for_network(command, details))
        return future

    def _remember(self, command: str, key: str, details: Plain, body: bytes) -> None:
        self._sent.append((command, key, details, body))
        if len(self._sent) > KEPT:
            del self._sent[self.random.randrange(KEPT)]

    def send_again(self) -> None:
        """A client never got its reply and asks again, perhaps much later, perhaps at another process."""
        if not self._sent:
            return
        command, key, details, body = self.random.choice(self._sent)
        answer = self._send(self.random.choice(self._tills), command, key, details).result(60)
        self._same("the answer of a retry", answer.body, body)
        self._same("the effect of a retry", self.observed.catch_up(), [])

    def reuse_key(self) -> None:
        """A broken client sends something else under an old key."""
        if not self._sent:
            return
        command, key, details, _ = self.random.choice(self._sent)
        other = Request("till", key, b"other details")
        answer = getattr(self.random.choice(self._tills), command)(request=other, **for_network(command, details))
        self._same("the code of a reused key", code_of(answer.result(60)), "request_conflict")
        self._same("the effect of a reused key", self.observed.catch_up(), [])

    def race(self) -> None:
        """Two tills redeem one certificate at the same instant, each at its own application."""
        certificate_id = self._some_certificate()
        if certificate_id is None:
            return
        self.model.now = self.clock.now
        both = [self._redemption(certificate_id) for _ in range(2)]
        before = self._ledger()
        keys = [str(self._id()) for _ in both]
        futures = [
            self._send(till, "redeem_certificate", key, details)
            for till, key, details in zip(self._tills, keys, both, strict=True)
        ]
        codes = [code_of(future.result(60)) for future in futures]
        untouched = self.model
        for order in ((0, 1), (1, 0)):
            self.model = copy.deepcopy(untouched)
            outcomes: dict[int, Outcome] = {}
            touched: set[UUID] = set()
            moved: set[tuple[str, str]] = set()
            for i in order:
                outcomes[i] = self.model.act("redeem_certificate", both[i])
                touched, moved = touched | self.model.touched, moved | self.model.moved
            self.model.touched, self.model.moved = touched, moved
            answers = [future.result() for future in futures]
            if [outcomes[0][0], outcomes[1][0]] == codes and all(
                agrees(answer, outcomes[i]) for i, answer in enumerate(answers)
            ):
                self.seen["race", "+".join(sorted(codes))] += 1
                self._compare_effects(outcomes[0], before)
                return
        self.model = untouched
        raise Difference(f"a race answered {codes}, which no order of {both} gives")

    def _cut_connections(self) -> None:
        """Every connection of both applications is lost; they have to come back by themselves."""
        self._owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
