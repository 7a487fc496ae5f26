"""Events to bytes and back: canonical JSON, validated against the event's own fields when it is read."""

import dataclasses
from datetime import datetime
from functools import cache, lru_cache
from typing import Annotated, Any, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.domain import CanMutateAggregate, DomainEventProtocol
from eventsourcing.persistence import Mapper, MapperDeserialisationError, StoredEvent, Transcoder
from eventsourcing.utils import get_topic, resolve_topic

from network.domain import (
    agreement,
    allotment,
    bank_file,
    certificate,
    coalition,
    default,
    deposit,
    dispute,
    draw_policy,
    merchant,
    payment,
    till,
    wallet,
    window,
)

AGGREGATES = (
    coalition.Coalition,
    merchant.Merchant,
    agreement.Agreement,
    draw_policy.DrawPolicy,
    payment.Payment,
    allotment.Allotment,
    certificate.Certificate,
    wallet.Wallet,
    window.Window,
    dispute.Dispute,
    deposit.Deposit,
    default.Default,
    bank_file.BankFile,
    till.Till,
)
"""Every aggregate; importing them registers the topics of their events."""

_STREAM_FIELDS = ("originator_id", "originator_version")
_encoder = msgspec.json.Encoder(order="deterministic")


class _Version(msgspec.Struct):
    """Which version of its class an event was written by."""

    class_version: int = 1


class JSONTranscoder(Transcoder):
    """The library's interface over msgspec."""

    def encode(self, obj: Any) -> bytes:
        """Deterministic JSON; instants as RFC 3339 in UTC, ids as text."""
        return _encoder.encode(obj)

    def decode(self, data: bytes) -> Any:
        """Plain JSON values, not yet checked."""
        return msgspec.json.decode(data)


class EventMapper(Mapper[UUID]):
    """Writes an event's own fields; reads them back only if each has its type and none is unknown."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """Raises: MapperDeserialisationError for bytes that are not this event."""
        cls: type[CanMutateAggregate[UUID]] = resolve_topic(stored_event.topic)
        try:
            state = _validated(cls, stored_event.state)
        except (msgspec.MsgspecError, AttributeError, KeyError, TypeError) as error:
            where = f"{stored_event.topic} of {stored_event.originator_id} at {stored_event.originator_version}"
            raise MapperDeserialisationError(f"{where}: {error}") from error
        state["originator_id"] = stored_event.originator_id
        state["originator_version"] = stored_event.originator_version
        event = object.__new__(cls)
        object.__setattr__(event, "__dict__", state)
        return event


def _validated(cls: Any, state: bytes) -> dict[str, Any]:
    fields = _fields_of(cls)
    newest = getattr(cls, "class_version", 1)
    if newest == 1:
        return msgspec.structs.asdict(msgspec.json.decode(state, type=fields))
    if msgspec.json.decode(state, type=_Version).class_version == newest:  # most are: read them in one go
        found = msgspec.structs.asdict(msgspec.json.decode(state, type=fields))
        del found["class_version"]
        return found
    plain = msgspec.json.decode(state)
    for version in range(plain.pop("class_version", 1), newest):
        getattr(cls, f"upcast_v{version}_v{version + 1}")(plain)
    plain["class_version"] = newest
    found = msgspec.structs.asdict(msgspec.convert(plain, type=fields))
    del found["class_version"]
    return found


@lru_cache(maxsize=256)
def _fields_of(cls: Any) -> type[msgspec.Struct]:
    """A msgspec struct of an event's own fields, with the types that its class declares."""
    hints = get_type_hints(cls)
    own = [f.name for f in dataclasses.fields(cls) if f.name not in _STREAM_FIELDS]
    typed: list[tuple[str, Any]] = [(name, _aware(hints[name])) for name in own]
    if getattr(cls, "class_version", 1) > 1:
        typed.append(("class_version", int))
    return msgspec.defstruct(cls.__qualname__, typed, forbid_unknown_fields=True, frozen=True)


def _aware(hint: Any) -> Any:
    """An instant without a time zone is refused."""
    return Annotated[datetime, msgspec.Meta(tz=True)] if hint is datetime else hint


@cache
def topics() -> dict[str, type[CanMutateAggregate[UUID]]]:
    """`{topic: event class}` of every event there is."""
    found: dict[str, type[CanMutateAggregate[UUID]]] = {}
    for aggregate in AGGREGATES:
        for value in vars(aggregate).values():
            if isinstance(value, type) and issubclass(value, CanMutateAggregate) and "TOPIC" in dir(value):
                found[get_topic(value)] = value
    return found
