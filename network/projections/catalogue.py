"""Every view there is."""

from collections.abc import Iterable

from network.projections import (
    agreements,
    allotments,
    assignments,
    balances,
    bank_details,
    bank_files,
    certificates,
    coalition,
    defaults,
    disputes,
    effects,
    flows,
    history,
    merchants,
    obligations,
    offline,
    payments,
    reserves,
    statement_lines,
    status_lists,
    value_by_country,
    wallets,
    windows,
)
from network.projections.projection import Projection

PROJECTIONS: tuple[Projection, ...] = (
    agreements.PROJECTION,
    allotments.PROJECTION,
    assignments.PROJECTION,
    balances.PROJECTION,
    bank_details.PROJECTION,
    bank_files.PROJECTION,
    certificates.PROJECTION,
    coalition.PROJECTION,
    defaults.PROJECTION,
    disputes.PROJECTION,
    effects.PROJECTION,
    flows.PROJECTION,
    history.PROJECTION,
    merchants.PROJECTION,
    obligations.PROJECTION,
    offline.PROJECTION,
    payments.PROJECTION,
    reserves.PROJECTION,
    statement_lines.PROJECTION,
    status_lists.PROJECTION,
    value_by_country.PROJECTION,
    wallets.PROJECTION,
    windows.PROJECTION,
)
NAMES: tuple[str, ...] = tuple(projection.name for projection in PROJECTIONS)


def named(names: Iterable[str]) -> tuple[Projection, ...]:
    """The projections of these names. Raises: KeyError for one that does not exist."""
    by_name = {projection.name: projection for projection in PROJECTIONS}
    return tuple(by_name[name] for name in names)
