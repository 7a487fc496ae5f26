"""The description of the API that tools read: FastAPI's, with our bodies, our one error shape and a scheme per role."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from network.api.operations import EVERYBODY, Operation

_ABOUT = """Tills, phones and organizers' tools call this. Amounts are integers of the currency's minor unit, instants
are RFC 3339 in UTC, ids are UUIDs that the client makes. Every command carries an `Idempotency-Key`; the same again is
answered the same again. The rules that hold everywhere are in docs/api.md."""

_SCHEMES = {
    "organizer": "The coalition's organizer",
    "owner": "The owner of one merchant",
    "till": "A till of one merchant",
    "wallet": "A guest's phone",
}


class FieldProblem(BaseModel):
    """One field that is not right."""

    field: str
    problem: str


class Problem(BaseModel):
    """Every refusal. `code` is stable, `detail` is a sentence for a person; other members are the facts."""

    model_config = ConfigDict(extra="allow")
    code: str = Field(pattern="^[a-z][a-z0-9_]*$")
    detail: str
    fields: list[FieldProblem] | None = None


def describe(app: FastAPI, declared: Sequence[Operation]) -> dict[str, Any]:
    """The document of `/openapi.json`, made once."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title="Pollen", version="1", description=_ABOUT, routes=app.routes, separate_input_output_schemas=False
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        role: {"type": "http", "scheme": "bearer", "bearerFormat": f"pollen_{role}_...", "description": _SCHEMES[role]}
        for role in EVERYBODY
    }
    models: dict[str, type[BaseModel]] = {"Problem": Problem}
    for one in declared:
        if one.takes_body:
            models[one.takes.__name__] = one.takes
        if one.answers is not None:
            models[one.answers.__name__] = one.answers
    _, schemas = models_json_schema(
        [(model, "validation") for model in models.values()], ref_template="#/components/schemas/{model}"
    )
    components.setdefault("schemas", {}).update(schemas.get("$defs", {}))
    for path in document["paths"].values():
        for described in path.values():
            described.get("responses", {}).pop("422", None) if _is_fastapis(described) else None
    app.openapi_schema = document
    return document


def _is_fastapis(described: dict[str, Any]) -> bool:
    """FastAPI adds its own 422 where it validates; nothing of ours lets it."""
    schema = described.get("responses", {}).get("422", {}).get("content", {}).get("application/json", {}).get("schema")
    return bool(schema == {"$ref": "#/components/schemas/HTTPValidationError"})
