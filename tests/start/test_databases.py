import psycopg


def test_a_test_gets_an_empty_database_of_its_own(database_url: str, module_database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE here ()")

    with psycopg.connect(module_database_url) as connection:
        row = connection.execute("SELECT to_regclass('here')").fetchone()
    assert row == (None,)
