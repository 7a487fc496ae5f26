"""Reading a request: bounded while it streams, strict when it is parsed, and the field types that bodies share."""

import re
from datetime import date
from hashlib import sha256
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from starlette.requests import ClientDisconnect

from network.api.errors import JSON, InvalidRequest, NotJson, RequestMalformed, RequestTooLarge, refusal_of_fields
from network.domain.units import MINOR_MAX, WHOLE

BODY_BYTES_MAX = 64 * 1024
UPLOAD_BYTES_MAX = 17 * 1024 * 1024
"""A little more than the largest bank file that is read, so that who sends a larger one is told why."""

_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


class Body(BaseModel):
    """A request's fields: no other ones, and nothing is converted. `true` is no number, and neither is "12"."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Nothing(Body):
    """A command whose address says everything."""


class Upload(BaseModel):
    """A file as it is: its bytes, and the SHA-256 by which a repeat of the request is known."""

    model_config = ConfigDict(frozen=True)
    digest: str
    content: bytes = Field(exclude=True, repr=False)


class Query(BaseModel):
    """What stands behind the question mark, where every value is text."""

    model_config = ConfigDict(extra="forbid", frozen=True)


B = TypeVar("B", bound=BaseModel)


def _plain(text: str) -> str:
    if _FORBIDDEN.search(text):
        raise ValueError("Text has no control characters and no characters that reorder it")
    return text


def _calendar_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Amount = Annotated[int, Field(gt=0, le=MINOR_MAX, description="Minor units of the coalition's currency")]
AmountOrZero = Annotated[int, Field(ge=0, le=MINOR_MAX, description="Minor units of the coalition's currency")]
Share = Annotated[int, Field(ge=0, le=WHOLE, description="Basis points: 10 000 is the whole")]
Count = Annotated[int, Field(gt=0, le=1_000_000)]
Position = Annotated[int, Field(ge=0, le=2**53)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(_plain)]
Category = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(_plain)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_plain)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_plain)]
Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=300),
    AfterValidator(_plain),
    Field(description="It stays for ever, so it names nobody"),
]
BillReference = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_plain)
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_calendar_day)]
TokenText = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(_plain)]
TypedCode = Annotated[str, StringConstraints(min_length=1, max_length=32), AfterValidator(_plain)]


class Presented(Body):
    """A copy as it is presented: the scanned token (or its link), or the typed code. One of the two."""

    token: TokenText | None = None
    typed_code: TypedCode | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "Presented":
        if (self.token is None) == (self.typed_code is None):
            raise ValueError("Send either the token or the typed code")
        return self


async def read(request: Request, model: type[B]) -> B:
    """The body as this model. Raises: NotJson, RequestTooLarge, RequestMalformed, InvalidRequest."""
    if model is Upload:
        content = await raw_body(request, UPLOAD_BYTES_MAX)
        return model(digest=sha256(content).hexdigest(), content=content)
    raw = await raw_body(request)
    if raw or model is not Nothing:
        kind = request.headers.get("content-type", "")
        if kind != JSON and kind.partition(";")[0].strip().lower() != JSON:
            raise NotJson()
    try:
        return model.model_validate_json(raw or b"{}" if model is Nothing else raw)
    except ValidationError as error:
        raise refusal_of_fields(error) from None


def understood(model: type[B], given: dict[str, Any]) -> B:
    """A body that comes by another way than a request's own, held to the same rules. Raises: InvalidRequest."""
    try:
        return model.model_validate_json(msgspec.json.encode(given))
    except ValidationError as error:
        raise refusal_of_fields(error) from None


async def raw_body(request: Request, most: int = BODY_BYTES_MAX) -> bytes:
    """The bytes, refused as soon as they are too many. Raises: RequestTooLarge."""
    announced = request.headers.get("content-length", "")
    if len(announced) > 9 or (announced.isdigit() and int(announced) > most):
        raise RequestTooLarge(most=most)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise RequestTooLarge(most=most)
    except ClientDisconnect:
        raise RequestMalformed(problem="the connection ended before the body") from None
    return bytes(body)


def read_query(request: Request, model: type[B]) -> B:
    """The query as this model. Raises: InvalidRequest."""
    pairs = request.query_params.multi_items()
    given = dict(pairs)
    if len(given) < len(pairs):
        raise InvalidRequest(("query", "Each name is given once"))
    try:
        return model.model_validate_strings(given)
    except ValidationError as error:
        raise refusal_of_fields(error) from None
