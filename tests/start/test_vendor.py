import pytest

from network.cli.vendor import PACKAGES, SERVED, Package, differences


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_vendored_file_is_the_one_that_was_fetched(package: Package) -> None:
    assert differences(package) == []


def test_nothing_is_served_that_the_script_does_not_name() -> None:
    assert {path.name for path in SERVED.iterdir()} == {
        one.folder.name for one in PACKAGES if one.folder.parent == SERVED
    }
