"""An address that a guest typed: an e-mail address or a phone number, in the one form that it is kept and found in."""

import re
from dataclasses import dataclass

from network.domain.errors import Invalid

EMAIL, PHONE = "email", "phone"
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN_DIGITS = re.compile(r"[\s().\u2010-\u2015/-]")
_CHARACTERS_MAX = 254


class ContactInvalid(Invalid):
    """Neither an e-mail address nor a phone number with its country."""

    code = "invalid_contact"
    sentence = "Write an e-mail address, or a phone number with its country, such as +371 20 000 000."


@dataclass(frozen=True, slots=True)
class Address:
    """Where to send. `text`: as it is sent to."""

    channel: str
    text: str

    @property
    def found_by(self) -> str:
        """The same for every way to write it: people do not mind the case of their own address."""
        return f"{self.channel}:{self.text.casefold()}"


def read_address(typed: str) -> Address:
    """Raises: ContactInvalid."""
    text = typed.strip()
    if len(text) <= _CHARACTERS_MAX and _EMAIL.fullmatch(text) and ".." not in text and not text.startswith("."):
        local, _, domain = text.rpartition("@")
        return Address(EMAIL, f"{local}@{domain.lower()}")
    number = _BETWEEN_DIGITS.sub("", text)
    number = f"+{number[2:]}" if number.startswith("00") else number
    if _PHONE.fullmatch(number):
        return Address(PHONE, number)
    raise ContactInvalid(reason="")
