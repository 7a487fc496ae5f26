"""How a guest can be reached: kept only if the guest wants so, for what the guest wants, and the way back by it."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from network.access import tries
from network.api.answers.wallets import MessageComing, Reachable, WaysBack
from network.api.bodies import Body, Nothing
from network.api.calls import Call, shown
from network.api.errors import NetworkBusy, TooManyTries
from network.api.operations import ANYBODY, WALLET, operation
from network.api.threads import in_thread
from network.contacts import letters
from network.contacts.addresses import Address, ContactInvalid, read_address
from network.contacts.consents import TEXT_VERSION, ConsentTextChanged
from network.contacts.keeping import (
    CODE_COUNTS,
    ContactCodeUnknown,
    confirm_contact,
    drop_contact,
    find_contact,
    keep_contact,
)
from network.contacts.recovering import MESSAGES, MESSAGES_TO_CONTACT, send_way_back
from network.contacts.sending import NotSent
from network.domain.errors import Refusal, WalletErased

router = APIRouter()
TAG = "wallet"
_OF_WALLET = tries.Room("contacts of a wallet", 10, 60)


class ChannelMissing(Refusal):
    """Nothing here can send to such an address."""

    code = "channel_missing"
    sentence = "This network sends no messages to such an address."


class MessageNotSent(Refusal):
    """The mail server did not take it."""

    code = "message_not_sent"
    sentence = "The message could not be sent. Look at the address, or try again later."


Typed = Annotated[str, StringConstraints(min_length=3, max_length=254)]
Language = Literal["en", "lv", "ru"]


class Reaching(Body):
    """An e-mail address or a phone number, and each purpose that the guest said yes to.

    `text_version`: of the sentences that were agreed to.
    """

    address: Typed
    purposes: Annotated[tuple[Literal["recovery", "news"], ...], Field(min_length=1, max_length=2)]
    text_version: int
    language: Language


class ConfirmingContact(Body):
    """The code of the message."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class WantingBack(Body):
    """The address that was kept, and the language to write in."""

    address: Typed
    language: Language


@operation(router, "GET /v1/wallet/contact", "How this guest can be reached", tag=TAG, who=(WALLET,), answers=Reachable)
async def show_contact(call: Call, asked: Nothing) -> Response:
    """Nothing, unless the guest wanted to. `channels`: what messages can be sent to here; none, and none is kept."""
    return await _reachable(call)


@operation(
    router, "PUT /v1/wallet/contact", "Let this guest be reached", tag=TAG, who=(WALLET,), takes=Reaching,
    answers=Reachable, changes=False,
    refusals=(ContactInvalid, ChannelMissing, ConsentTextChanged, WalletErased, MessageNotSent),
)  # fmt: skip
async def keep(call: Call, asked: Reaching) -> Response:
    """For these purposes and no others. An address that is new gets a code that confirms it; until then it counts for
    nothing. It is in no event and in no stored answer. Rate-limited.
    """
    address = _reached(call, asked.address)
    await in_thread(_take, call, _OF_WALLET, str(call.subject_id))
    code = await in_thread(
        keep_contact, call.coalition, call.subject_id, address, set(asked.purposes), version=asked.text_version,
        language=asked.language, at=call.at,
    )  # fmt: skip
    if code is not None:
        await in_thread(_must_have_room, call, address)
        letter = letters.confirmation(code, int(CODE_COUNTS.total_seconds() // 60), asked.language)
        try:
            await in_thread(call.service.postman.send, address, letter.subject, letter.text)
        except NotSent:
            raise MessageNotSent() from None
    return await _reachable(call)


@operation(
    router, "POST /v1/wallet/contact/confirmation", "Confirm the address", tag=TAG, who=(WALLET,),
    takes=ConfirmingContact, answers=Reachable, changes=False, refusals=(ContactCodeUnknown, WalletErased),
)  # fmt: skip
async def confirm(call: Call, asked: ConfirmingContact) -> Response:
    """With the code of the message, once and for fifteen minutes. Rate-limited."""
    await in_thread(_take, call, _OF_WALLET, str(call.subject_id))
    await in_thread(confirm_contact, call.coalition, call.subject_id, asked.code, call.at)
    return await _reachable(call)


@operation(
    router, "DELETE /v1/wallet/contact", "Be reached no more", tag=TAG, who=(WALLET,), answers=Reachable,
    changes=False, refusals=(WalletErased,),
)  # fmt: skip
async def drop(call: Call, asked: Nothing) -> Response:
    """Every yes is taken back, and the address is deleted with the key that it was sealed under."""
    await in_thread(drop_contact, call.coalition, call.subject_id, call.at)
    return await _reachable(call)


@operation(router, "GET /v1/recoveries/channels", "Ways back into a wallet", tag=TAG, who=ANYBODY, answers=WaysBack)
async def show_ways(call: Call, asked: Nothing) -> Response:
    """Beside the recovery code: what a code can be sent to, if the guest had it kept."""
    return shown({"channels": call.service.postman.channels})


@operation(
    router, "POST /v1/recoveries/messages", "Send a way back into a wallet", tag=TAG, who=ANYBODY, takes=WantingBack,
    answers=MessageComing, changes=False, refusals=(ContactInvalid, ChannelMissing, TooManyTries, NetworkBusy),
)  # fmt: skip
async def send_back(call: Call, asked: WantingBack) -> Response:
    """To an address that was confirmed and kept for this. The answer is the same, and as quick, whether it is known or
    not. What is sent is a recovery code that counts once and for fifteen minutes. Rate-limited.
    """
    call.service.messages.take(call.address)
    address = _reached(call, asked.address)
    service = call.service
    work = partial(
        send_way_back, service.coalitions, service.postman, address, language=asked.language,
        public_url=service.settings.public_url, at=call.at,
    )  # fmt: skip
    if not service.postman.later(work):
        raise NetworkBusy()
    return shown({"sent_if_known": True})


async def _reachable(call: Call) -> Response:
    contact, given = await in_thread(find_contact, call.coalition, call.subject_id)
    return shown(
        {
            "channels": call.service.postman.channels,
            "text_version": TEXT_VERSION,
            "contact": contact
            and {
                "channel": contact.address.channel,
                "address": contact.address.text,
                "kept_at": contact.kept_at,
                "confirmed_at": contact.confirmed_at,
            },
            "consents": given,
        }
    )


def _reached(call: Call, typed: str) -> Address:
    address = read_address(typed)
    if address.channel not in call.service.postman.senders:
        raise ChannelMissing()
    return address


def _must_have_room(call: Call, address: Address) -> None:
    """Whoever has wallets could have messages sent to strangers: few to each of them, and few of all."""
    _take(call, MESSAGES_TO_CONTACT, address.found_by)
    _take(call, MESSAGES, "")


def _take(call: Call, room: tries.Room, who: str) -> None:
    wait = tries.take(call.coalition, room, who, call.at)
    if wait:
        raise TooManyTries(retry_after=wait)
