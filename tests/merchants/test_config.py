import os
import stat
from pathlib import Path

import pytest

from merchants.config import ConfigRefused, load, save

CREDENTIAL = "pollen_till_old-town_" + "a" * 52


def test_what_setup_keeps_is_private_and_read_back(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}

    path = save(environment, url="https://pollen.example", credential=CREDENTIAL, paper=58)
    config = load(environment)

    assert path == tmp_path / "pollen" / "till.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (config.url, config.credential, config.paper) == ("https://pollen.example", CREDENTIAL, 58)
    assert config.outbox == tmp_path / "state" / "pollen" / "till.db"
    assert CREDENTIAL not in repr(config)


def test_the_environment_wins(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "POLLEN_URL": "https://other.example/"}
    save(environment, url="https://pollen.example", credential=CREDENTIAL, paper=80)

    assert load(environment).url == "https://other.example"


@pytest.mark.parametrize(
    "environment",
    [{}, {"POLLEN_URL": "https://pollen.example"}, {"POLLEN_URL": "https://x.example", "POLLEN_CREDENTIAL": "guess"}],
)
def test_says_how_to_set_up(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(ConfigRefused, match="till setup"):
        load({"XDG_CONFIG_HOME": str(tmp_path), **environment})


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    save(environment, url="https://pollen.example", credential=CREDENTIAL, paper=80).chmod(0o644)

    with pytest.raises(ConfigRefused, match="chmod 600"):
        load(environment)


def test_a_spoilt_file_is_said(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    save(environment, url="https://pollen.example", credential=CREDENTIAL, paper=80).write_text("url = ")

    with pytest.raises(ConfigRefused, match="cannot be read"):
        load(environment)
