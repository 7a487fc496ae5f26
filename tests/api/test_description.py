"""The description of the API is complete, and what tools make of it finds no mistake of ours."""

from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from network.api.app import OPERATIONS
from network.api.operations import EVERYBODY
from tests.api.street import Street, an_id


@pytest.fixture(scope="module")
def document(street: Street) -> dict[str, Any]:
    described: dict[str, Any] = street.done("GET", "/openapi.json")
    return described


def test_every_route_is_described(document: dict[str, Any]) -> None:
    for one in OPERATIONS:
        described = document["paths"][one.path][one.method.lower()]
        assert described["summary"]
        assert described["tags"]
        assert {name for scheme in described["security"] for name in scheme} == set(one.who)
        names = {(parameter["in"], parameter["name"]) for parameter in described["parameters"]}
        assert {("path", name) for name in one.parameters} <= names
        assert (("header", "Idempotency-Key") in names) == one.changes
        for status, response in described["responses"].items():
            examples = response["content"].get("application/json", {}).get("examples", {})
            assert status == "200" or examples
            assert all({"code", "detail"} <= example["value"].keys() for example in examples.values())


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    schemas = document["components"]["schemas"]
    assert {name.rpartition("/")[2] for name in references(document)} <= schemas.keys()
    assert set(document["components"]["securitySchemes"]) == set(EVERYBODY)


def test_no_two_bodies_share_a_name() -> None:
    taken = {one.takes for one in OPERATIONS if one.takes_body}
    models = taken | {one.answers for one in OPERATIONS if one.answers is not None}

    assert [name for name, count in Counter(model.__name__ for model in models).items() if count > 1] == []


def test_the_page_for_integrators_names_every_route() -> None:
    page = (Path(__file__).parents[2] / "docs/api.md").read_text()

    for one in OPERATIONS:
        last = [part for part in one.path.split("/") if not part.startswith("{")][-1]
        assert last in page, one.path


def test_people_find_every_route_too(street: Street) -> None:
    page = street.http.get("/docs")

    assert page.headers["Content-Type"].startswith("text/html")
    assert all(one.path in page.text for one in OPERATIONS)


# The tool's own strategies use `random`, which Hypothesis now and then complains of.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize("role", [*EVERYBODY, "nobody"])
def test_tools_find_no_server_error(street: Street, document: dict[str, Any], role: str) -> None:
    """Generated requests, right and wrong, as each role: never a 5xx, and answers are of the described shape."""
    secret = {
        "organizer": street.organizer,
        "owner": street.restaurant.owner,
        "till": street.restaurant.till,
        "wallet": street.wallet,
    }.get(role)
    schema = schemathesis.openapi.from_url(f"{street.server.url}/openapi.json")
    headers = {"Idempotency-Key": an_id()} | ({"Authorization": f"Bearer {secret}"} if secret else {})
    statuses: Counter[int] = Counter()

    for found in schema.get_all_operations():
        operation = found.ok()
        roles = {name for scheme in operation.definition.raw.get("security", []) for name in scheme}
        if role not in roles and not (role == "nobody" and not roles):
            continue

        @hypothesis.given(case=operation.as_strategy())
        @settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def fuzz(case: schemathesis.Case) -> None:
            given = {name: value for name, value in (case.headers or {}).items() if name != "Pollen-Position"}
            case.headers = {**given, **headers, "Idempotency-Key": an_id()}  # nobody waits for a position to come
            answer = case.call(timeout=60)
            statuses[answer.status_code] += 1
            case.validate_response(
                answer, checks=[not_a_server_error, content_type_conformance, response_schema_conformance]
            )

        fuzz()

    assert not [status for status in statuses if status >= 500]
    assert sum(statuses.values()) > 10
