import base64
import stat
from pathlib import Path

import pytest

from network.settings import SettingRefused, Settings

KEY = base64.b64encode(bytes(range(32))).decode()


def test_an_empty_environment_serves_this_machine(tmp_path: Path) -> None:
    settings = Settings.from_environment({"POLLEN_DATA_DIR": str(tmp_path)})

    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8700, "http://localhost:8700")
    assert (settings.database_url, settings.log_level, settings.dev) == (None, "info", False)


def test_the_master_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"

    first = Settings.from_environment({"POLLEN_DATA_DIR": str(data_dir)})
    second = Settings.from_environment({"POLLEN_DATA_DIR": str(data_dir)})

    assert len(first.master_key) == 32
    assert first.master_key == second.master_key
    assert stat.S_IMODE((data_dir / "master.key").stat().st_mode) == 0o600
    assert [each.name for each in data_dir.iterdir()] == ["master.key"]


def test_a_given_master_key_leaves_no_file(tmp_path: Path) -> None:
    settings = Settings.from_environment({"POLLEN_DATA_DIR": str(tmp_path), "POLLEN_MASTER_KEY": KEY})

    assert settings.master_key == bytes(range(32))
    assert not list(tmp_path.iterdir())


def test_refuses_a_master_key_that_others_can_read(tmp_path: Path) -> None:
    Settings.from_environment({"POLLEN_DATA_DIR": str(tmp_path)})
    (tmp_path / "master.key").chmod(0o644)

    with pytest.raises(SettingRefused, match="chmod 600"):
        Settings.from_environment({"POLLEN_DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POLLEN_PORT",       "eighty"),
        ("POLLEN_PORT",       "65536"),
        ("POLLEN_PORT",       "0"),
        ("POLLEN_DEV",        "yes"),
        ("POLLEN_LOG_LEVEL",  "loud"),
        ("POLLEN_MASTER_KEY", "c2hvcnQ="),
        ("POLLEN_MASTER_KEY", "not base64"),
        ("POLLEN_PUBLIC_URL", "http://pollen.example"),
        ("POLLEN_PUBLIC_URL", "https://pollen.example/path"),
        ("POLLEN_PUBLIC_URL", "https://["),
        ("POLLEN_PUBLIC_URL", "pollen.example"),
        ("DATABASE_URL",      "mysql://localhost/pollen"),
    ],
)  # fmt: skip
def test_refuses_a_value_and_names_the_variable(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingRefused, match=name):
        Settings.from_environment({"POLLEN_DATA_DIR": str(tmp_path), name: value})


@pytest.mark.parametrize("url", ["https://pollen.example", "https://pollen.example/", "http://127.0.0.1:9000"])
def test_takes_an_origin_and_drops_its_last_slash(tmp_path: Path, url: str) -> None:
    settings = Settings.from_environment({"POLLEN_DATA_DIR": str(tmp_path), "POLLEN_PUBLIC_URL": url})

    assert settings.public_url == url.rstrip("/")


def test_secrets_stay_out_of_logs(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"POLLEN_DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://a:hidden@db/pollen", "POLLEN_MASTER_KEY": KEY}
    )

    assert "hidden" not in repr(settings)
    assert "x01" not in repr(settings)
