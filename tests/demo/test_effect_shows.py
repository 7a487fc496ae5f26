"""What somebody sees who starts the demo for the first time: an effect where there is one, and elsewhere the wait."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from network.coalitions import Coalitions
from network.demo.founding import ensure_demo
from network.demo.street import RESTAURANT, SALON, SLUG
from network.measuring.keeping import VIEWS, keep, shown_document
from network.projections.catalogue import named
from network.replay.figures import catch_up
from network.settings import Settings
from tests.support import migrated

TRUTH = 0.286
"""Of docs/effect.md."""

pytestmark = pytest.mark.slow


def test_the_demo_shows_an_effect_that_is_there_and_waits_where_it_is_too_early(
    database_url: str, tmp_path: Path
) -> None:
    settings = replace(Settings.from_environment({"POLLEN_DATA_DIR": str(tmp_path)}), database_url=database_url)
    first = ensure_demo(migrated(database_url), settings)
    assert ensure_demo(database_url, settings) == first, "a start that was cut off goes on where it stood"

    street = measured(database_url, settings)

    pairs = {(one["issuer_id"], one["acceptor_id"]): one["visits"] for one in street["pairs"]}
    found = pairs[SALON.id, RESTAURANT.id]
    assert found["verdict"] == "at_any_look"
    low, high = found["always_valid_interval_all_arms"]
    assert 0 < low < TRUTH < high
    assert any(one is None or one["verdict"] == "not_enough_yet" for one in pairs.values())


def measured(database_url: str, settings: Settings) -> dict[str, Any]:
    """What the organizer is shown once the views are there."""
    now, coalitions = datetime.now(UTC), Coalitions(database_url, settings.master_key)
    schema = coalitions.open(SLUG).schema
    with psycopg.connect(database_url, autocommit=True) as connection:
        catch_up(connection, schema, views=named(VIEWS))
        keep(connection, schema, now)
        shown = shown_document(connection, schema, now.date(), None)
    coalitions.close()
    assert shown is not None
    return shown
