"""What people type into forms: read within bounds, checked field by field, and shown again with what is wrong."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.formparsers import MultiPartException, MultiPartParser

from network.api.bodies import UPLOAD_BYTES_MAX, _plain, raw_body
from network.api.errors import RequestMalformed
from network.api.pages.texts import N_, Reader
from network.domain.units import MINOR_MAX, WHOLE, exponent

CSRF: Final = "csrf"
COMMAND: Final = "command_id"
FIELDS_MAX: Final = 60


class Form(BaseModel):
    """The fields of a form. Everything typed is text; spaces around it are dropped. Fields it does not know are none
    of its business.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


F = TypeVar("F", bound=Form)
Line = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_plain)]
"""A line of text that has to be there."""
OptionalLine = Annotated[str, StringConstraints(max_length=300), AfterValidator(_plain)]


class WithCommand(Form):
    """A form that is a command: its id is made in the browser and sent again after a broken connection."""

    command_id: UUID = Field(default_factory=uuid4)
    """A browser that runs no scripts sends none."""


class FieldProblem(Exception):
    """A field that only the handler can judge. `text` is marked with N_ and translated where it is shown."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name)
        self.name = name
        self.text = text


@dataclass(frozen=True)
class Problems:
    """What was typed, and what is wrong with it: field by field, or with the whole of it."""

    values: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""

    def __bool__(self) -> bool:
        return bool(self.fields or self.sentence)

    def value(self, name: str, default: object = "") -> str:
        """What stands in a field; a password is never shown again."""
        return "" if name in SECRET else str(self.values.get(name, default))


NONE: Final = Problems()
SECRET: Final = frozenset({"password", "new_password", "pin", "code"})
"""Fields that no page ever shows again."""
_SAID: Final = {
    "missing": N_("Fill this in."),
    "string_too_short": N_("This is too short."),
    "string_too_long": N_("This is too long."),
    "string_pattern_mismatch": N_("This does not look right. Check it again."),
    "int_parsing": N_("Write a whole number."),
    "uuid_parsing": N_("Choose one from the list."),
    "greater_than": N_("This is too small."),
    "greater_than_equal": N_("This is too small."),
    "less_than": N_("This is too big."),
    "less_than_equal": N_("This is too big."),
}
_OTHER: Final = N_("This does not look right. Check it again.")


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a posted form, each name once. Raises: RequestTooLarge, RequestMalformed."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await raw_body(request)
    if raw and kind != "application/x-www-form-urlencoded":
        raise RequestMalformed(problem="a form was expected")
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError:
        raise RequestMalformed(problem="not a form") from None
    return dict(pairs)


async def upload_of(request: Request) -> tuple[dict[str, str], bytes]:
    """The fields of a posted form with one file, and the file. Raises: RequestTooLarge, RequestMalformed."""
    raw = await raw_body(request, UPLOAD_BYTES_MAX)

    async def whole() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        parts = await MultiPartParser(request.headers, whole(), max_files=1, max_fields=FIELDS_MAX).parse()
        files = [part for _, part in parts.multi_items() if not isinstance(part, str)]
        content = await files[0].read() if files else b""
        await parts.close()
    except (MultiPartException, KeyError, ValueError):
        raise RequestMalformed(problem="not a form with a file") from None
    return {name: part for name, part in parts.multi_items() if isinstance(part, str)}, content


def checked(model: type[F], fields: Mapping[str, str], reader: Reader) -> F | Problems:
    """The form, or what is wrong with it."""
    try:
        return model.model_validate_strings({name: value for name, value in fields.items() if value != ""})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        problems = {str(one["loc"][0]): reader.gettext(_SAID.get(one["type"], _OTHER)) for one in found if one["loc"]}
        return Problems(dict(fields), problems)


_AMOUNT = re.compile(r"[0-9]{1,12}([.,][0-9]{1,3})?")


def amount_of(typed: str, currency: str, name: str = "amount") -> int:
    """An amount as people type it, `18`, `18.50` or `1 800,50`, in minor units. Raises: FieldProblem."""
    text = re.sub(r"[\s  €']", "", typed)
    if not _AMOUNT.fullmatch(text):
        raise FieldProblem(name, N_("Write an amount, such as 18.50."))
    try:
        minor = Decimal(text.replace(",", ".")).scaleb(exponent(currency))
    except InvalidOperation:
        raise FieldProblem(name, N_("Write an amount, such as 18.50.")) from None
    if minor != minor.to_integral_value():
        raise FieldProblem(name, N_("There are too many digits after the point."))
    if not 0 < minor <= MINOR_MAX:
        raise FieldProblem(name, N_("The amount has to be more than nothing."))
    return int(minor)


def typed_amount(amount: int, currency: str) -> str:
    """An amount as it stands in a field."""
    digits = exponent(currency)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f}"


_PERCENT = re.compile(r"[0-9]{1,3}([.,][0-9]{1,2})?")


def share_of(typed: str, name: str) -> int:
    """A share as people type it, `12.5` or `12,5 %`, in basis points; empty is nothing. Raises: FieldProblem."""
    text = re.sub(r"[\s %]", "", typed) or "0"
    share = int(Decimal(text.replace(",", ".")).scaleb(2)) if _PERCENT.fullmatch(text) else -1
    if not 0 <= share <= WHOLE:
        raise FieldProblem(name, N_("Write a share from 0 to 100, such as 12.5."))
    return share


def typed_share(share: int) -> str:
    """A share as it stands in a field."""
    return f"{Decimal(share).scaleb(-2):f}".rstrip("0").rstrip(".") if share else ""


def again(problems: Problems, problem: FieldProblem, reader: Reader, fields: Mapping[str, str]) -> Problems:
    """The problems with one more."""
    return Problems(dict(fields), {**problems.fields, problem.name: reader.gettext(problem.text)}, problems.sentence)


def values_of(form: BaseModel) -> dict[str, Any]:
    """A form's fields as they were typed."""
    return {name: str(value) for name, value in form.model_dump().items()}
