"""What every room of commands shares: how one is written down, and how it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote
from uuid import UUID, uuid4

from merchants.answers import Shown, View, shown_as
from merchants.transport import Answer, Transport

Id: TypeAlias = UUID | str


@dataclass(frozen=True, slots=True)
class Command:
    """A command before it is sent. `name` is the method's, for journals; `body` may hold a token."""

    name: str
    method: str
    route: str
    body: dict[str, Any] = field(repr=False)


class Commands:
    """Sends commands and reads; every method that changes something takes `key`, by default a new one."""

    transport: Transport

    def _do(self, kind: type[Shown], command: Command, key: str | None) -> Shown:
        answer = self.transport.command(command.method, command.route, command.body, key=key or str(uuid4()))
        return shown_as(kind, answer)

    def _post(self, kind: type[Shown], route: str, body: dict[str, Any], key: str | None) -> Shown:
        return self._do(kind, Command("", "POST", route, body), key)

    def _delete(self, route: str, key: str | None) -> Answer:
        return self.transport.exchange("DELETE", route, key=key or str(uuid4()))

    def _read(self, route: str, **params: Any) -> View:
        answer = self.transport.read(route, params)
        body = answer.body if isinstance(answer.body, dict) else {"items": answer.body}
        return View(raw=body, position=answer.position)


def segment(name: Id) -> str:
    """A name as one part of a path, whatever somebody typed into it; `{payment_id}` is filled by the outbox."""
    return quote(str(name), safe="{}")


def text_of(name: Id | None) -> str | None:
    """An id as JSON has it."""
    return None if name is None else str(name)


def without_none(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body without the fields that were not given."""
    return {name: value for name, value in body.items() if value is not None}
