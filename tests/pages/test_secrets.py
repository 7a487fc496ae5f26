"""What stands in the database instead of a password."""

import runpy

import pytest

from network.access import secrets

RFC_9106 = "$argon2id$v=19$m=65536,t=3,p=4$"
"""64 MiB and three passes: what a guess costs whoever stole the table."""


def test_a_password_is_kept_at_the_full_price_and_nobodys_costs_the_same() -> None:
    shipped = runpy.run_path(secrets.__file__)  # as it runs outside tests

    assert shipped["hash_of_password"]("correct horse battery staple").startswith(RFC_9106)
    assert shipped["_NOBODYS"].startswith(RFC_9106)


@pytest.mark.parametrize("kept", ["", "$argon2id$", "plain"])
def test_what_is_no_hash_opens_nothing(kept: str) -> None:
    assert not secrets.password_is(kept, kept)
    assert not secrets.password_is("", None)
