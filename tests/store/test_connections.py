"""How the application meets its database, whatever the server's own settings are."""

import pytest

from network.coalitions import open_connection
from network.store.migrations import migrate_all


@pytest.mark.parametrize(
    ("setting", "value"),
    [("role", "pollen_app"), ("TimeZone", "UTC"), ("lock_timeout", "2s"), ("statement_timeout", "10s"), ("jit", "off")],
)
def test_a_connection_is_set_up_by_us_and_not_by_the_server(module_database_url: str, setting: str, value: str) -> None:
    migrate_all(module_database_url)
    with open_connection(module_database_url) as connection:
        row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()

    assert row == (value,)
