"""A statement by a version after the first: the same lines, what came to them since, and what is then to be paid. Pure.

A statement's lines never change. A version adds changes to its debts (`network.domain.restating`) and nets them anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from network.domain.restating import Cause, Change
from network.domain.window import Window
from network.settlement.building import signed
from network.settlement.statement import PairStatement, Statement, StatementDiffers


def by_version(statement: Statement, versions: Sequence[Window.Recomputed], names: Mapping[UUID, str]) -> Statement:
    """The statement by the last of these versions, which are all since the first. Raises: StatementDiffers."""
    party_id, newest = statement.party_id, versions[-1]
    changes = _changes(party_id, (change for version in versions for change in version.changes))
    due, rolled_over = signed(party_id, newest.payments), signed(party_id, newest.carried)
    stated = {pair.counterparty_id: pair for pair in statement.pairs}
    pairs = tuple(
        _pair(
            stated.get(other) or PairStatement.between_strangers(other, names.get(other, "")),
            changes.get(other, {}),
            due.get(other, 0),
            rolled_over.get(other, 0),
        )
        for other in sorted({*stated, *changes, *due, *rolled_over})
    )
    shown = replace(
        statement,
        pairs=pairs,
        version=newest.version,
        made_at=newest.timestamp,
        changes=_added_up(pair.changes for pair in pairs),
        due=sum(due.values()),
        rolled_over=sum(rolled_over.values()),
    )
    net = next((one.net for one in newest.parties if one.party == party_id), 0)
    if not shown.balance == net == shown.due + shown.rolled_over:
        raise StatementDiffers(f"party {party_id}: version {newest.version} says {net}, it makes {shown.balance}")
    return shown


def _pair(stated: PairStatement, changes: dict[str, int], due: int, rolled_over: int) -> PairStatement:
    balance = stated.closing + sum(changes.values())
    cleared = balance - due - rolled_over
    return replace(stated, changes=changes, cleared=cleared, due=due, rolled_over=rolled_over)


def _changes(party_id: UUID, changes: Iterable[Change]) -> dict[UUID, dict[str, int]]:
    """`{other: {cause: what the party receives more}}`; what cancelled out is left out."""
    found: dict[UUID, dict[str, int]] = {}
    for one in changes:
        if party_id in (one.debtor, one.creditor):
            other, amount = (one.debtor, one.amount) if one.creditor == party_id else (one.creditor, -one.amount)
            causes = found.setdefault(other, {})
            causes[one.cause.value] = causes.get(one.cause.value, 0) + amount
    return {other: _ordered(causes) for other, causes in found.items()}


def _added_up(all_of_them: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for changes in all_of_them:
        for cause, amount in changes.items():
            sums[cause] = sums.get(cause, 0) + amount
    return _ordered(sums)


def _ordered(changes: Mapping[str, int]) -> dict[str, int]:
    return {cause.value: changes[cause.value] for cause in Cause if changes.get(cause.value)}
