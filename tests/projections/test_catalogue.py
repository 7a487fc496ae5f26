"""Every view is in the catalogue under its own name, and every event is read or known to need no reading."""

import pkgutil

from network import projections
from network.projections import standing
from network.projections.catalogue import NAMES, PROJECTIONS
from network.projections.projection import Projection
from network.store.mapper import topics

READ_BY_NO_VIEW = {
    "Till.Blocked",
    "Till.KeyRegistered",
    "Till.KeyReplaced",
    "Till.KeyRevoked",
    "Till.Resumed",
    "Coalition.CapEased",
    "Coalition.CapNeared",
    "Coalition.MerchantNumbered",
    "DrawPolicy.Changed",
    "DrawPolicy.Set",
    "Wallet.Erased",
    "Wallet.Opened",
    "Wallet.Recovered",
}


def test_every_projection_is_named_for_its_file_and_listed():
    modules = [
        pkgutil.resolve_name(f"{projections.__name__}.{m.name}") for m in pkgutil.iter_modules(projections.__path__)
    ]
    found = {m.__name__.rpartition(".")[2]: m.PROJECTION for m in modules if hasattr(m, "PROJECTION")}

    assert {name: one.name for name, one in found.items()} == {name: name for name in found}
    assert sorted(found) == list(NAMES)


def test_every_event_is_read_by_some_view_or_named_here():
    read = set().union(*(projection.topics for projection in PROJECTIONS))

    assert topics().keys() - read == READ_BY_NO_VIEW


def test_tables_belong_to_one_projection_each():
    tables = [table.name for projection in PROJECTIONS for table in projection.tables]

    assert len(tables) == len(set(tables))


def test_a_new_version_of_a_fold_distrusts_the_rows_of_the_old():
    first = PROJECTIONS[0]

    second = Projection(first.name, first.reads, first.tables, first.fold, version=2)

    assert first.digest != second.digest


def test_what_a_draw_reads_at_one_position_comes_along_together():
    assert not [one.name for one in PROJECTIONS if one.name in standing.VIEWS and one.patient]
