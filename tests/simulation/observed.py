"""What the log says, folded from its bare JSON: no event class, no aggregate, no view."""

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

Plain = dict[str, Any]
ENDS = {"Certificate.Expired": "expired", "Certificate.Revoked": "revoked"}


class Observed:
    """Certificates, stocks and balances as every reader of the log could work them out."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._events = sql.SQL(
            "SELECT position, originator_id, topic, state FROM {}.events WHERE position > %s ORDER BY position"
        ).format(sql.Identifier(schema))
        self._uses = sql.SQL(
            "SELECT scope, key, used FROM unnest(%s::text[], %s::text[]) AS k (scope, key) JOIN {}.exposures"
            " USING (scope, key)"
        ).format(sql.Identifier(schema))
        self.position = 0
        self.certificates: dict[UUID, Plain] = {}
        self.stocks: dict[UUID, int] = {}
        self.owed: defaultdict[tuple[UUID, UUID], int] = defaultdict(int)
        self.reserve: defaultdict[tuple[UUID, UUID], int] = defaultdict(int)
        self.by_agreement: defaultdict[UUID, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.touched: set[UUID] = set()

    def catch_up(self) -> list[str]:
        """Fold what is new; returns its topics."""
        self.touched = set()
        topics = []
        for position, stream, topic, state in self._connection.execute(self._events, (self.position,)):
            assert position == self.position + 1, f"the log has a gap before {position}"
            self.position = position
            topics.append(topic)
            self._fold(stream, topic, json.loads(bytes(state)))
        return topics

    def uses(self, keys: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """What the exposure rows count for those keys."""
        found = self._connection.execute(self._uses, ([scope for scope, _ in keys], [key for _, key in keys]))
        return {(scope, key): used for scope, key, used in found}

    def _fold(self, stream: UUID, topic: str, event: Plain) -> None:
        for posting in event.get("postings", ()):
            self._post(posting)
        noun, _, verb = topic.partition(".")
        if noun == "Allotment":
            self.touched.add(stream)
            if "face" in event:
                self.stocks[stream] = event["number"]
            else:
                self.stocks[stream] -= event.get("number", 1)
        elif noun == "Certificate":
            self.touched.add(stream)
            self._fold_certificate(stream, topic, verb, event)

    def _fold_certificate(self, stream: UUID, topic: str, verb: str, event: Plain) -> None:
        if verb == "Issued":
            agreement = UUID(event["origin"]["agreement_id"])
            self.certificates[stream] = {
                "state": "active",
                "face": event["face"],
                "outstanding": event["face"],
                "holder": event["holder_id"] and UUID(event["holder_id"]),
                "epoch": 0,
                "agreement": agreement,
                "expires": event["expires_at"],
            }
            self._count(agreement, issued=event["face"], issued_count=1, active=event["face"], active_count=1)
            return
        certificate = self.certificates[stream]
        agreement = certificate["agreement"]
        if verb in ("Claimed", "PassedOn", "Rebound", "Printed"):
            holder = UUID(event["holder_id"]) if verb in ("Claimed", "Rebound") else None
            certificate |= {"holder": holder, "epoch": event["epoch"]}
        elif verb == "Redeemed":
            out = event["amount"] + event["released"]
            certificate["outstanding"] -= out
            self._count(agreement, active=-out, redeemed=event["amount"], released=event["released"])
            if certificate["outstanding"] == 0:
                self._becomes(certificate, "redeemed")
        elif verb == "RedemptionReversed":
            out = event["amount"] + event["released"]
            self._count(agreement, redeemed=-event["amount"], released=-event["released"])
            if event["renewed"]:
                certificate["outstanding"] += out
                self._count(agreement, active=out)
                self._becomes(certificate, "active")
            else:
                self._count(agreement, lapsed=out)
                if certificate["state"] == "redeemed":
                    self._becomes(certificate, "expired")
        elif verb == "ExpiryUndone":
            certificate["outstanding"] += event["amount"]
            self._count(agreement, active=event["amount"], lapsed=-event["amount"])
            self._becomes(certificate, "active")
        elif topic in ENDS:
            assert event["amount"] == certificate["outstanding"], "what lapses is what is outstanding"
            self._count(agreement, active=-event["amount"], lapsed=event["amount"])
            certificate["outstanding"] = 0
            self._becomes(certificate, ENDS[topic])
        assert 0 <= certificate["outstanding"] <= certificate["face"], f"{topic} leaves {certificate}"

    def _becomes(self, certificate: Plain, state: str) -> None:
        self._count(certificate["agreement"], **{f"{certificate['state']}_count": -1})
        self._count(certificate["agreement"], **{f"{state}_count": 1})
        certificate["state"] = state

    def _count(self, agreement: UUID, **amounts: int) -> None:
        for name, amount in amounts.items():
            self.by_agreement[agreement][name] += amount

    def _post(self, posting: Plain) -> None:
        assert posting["amount"] > 0, "every posting is of a positive amount"
        pair = UUID(posting["debtor"]), UUID(posting["creditor"])
        if posting["kind"] == "reserved":
            self.reserve[pair] += posting["amount"]
        elif posting["kind"] == "released":
            self.reserve[pair] -= posting["amount"]
        else:
            self.owed[pair] += posting["amount"]
