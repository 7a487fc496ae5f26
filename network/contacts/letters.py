"""What is written to guests, in their language. Nothing in it says where they shop."""

from collections.abc import Sequence
from dataclasses import dataclass

from network.languages import choose, texts


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and text."""

    subject: str
    text: str


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translated later"
    """A text that the catalogues have to know."""
    return text


_CONFIRM = N_("Pollen: your code is {code}")
_CONFIRM_TEXT = N_("Your code is {code}. It counts for {minutes} minutes. If you did not ask for it, do nothing.")
_RECOVER = N_("Pollen: get your certificates back")
_RECOVER_TEXT = N_("Open this on the phone that is to have your certificates. It works once, within {minutes} minutes.")
_RECOVER_END = N_("The phone that has them now cannot show them any more. If you did not ask for this, do nothing.")


def confirmation(code: str, minutes: int, language: str) -> Letter:
    """To see that the address is the guest's."""
    said = texts("pages", choose([language])).gettext
    return Letter(
        said(_CONFIRM).format(code=code),
        said(_CONFIRM_TEXT).format(code=code, minutes=minutes) + "\n",
    )


def recovery(links: Sequence[str], minutes: int, language: str) -> Letter:
    """The way back into the wallets that this address is kept for, one link for each."""
    said = texts("pages", choose([language])).gettext
    lines = [said(_RECOVER_TEXT).format(minutes=minutes), *links, said(_RECOVER_END)]
    return Letter(said(_RECOVER), "\n\n".join(lines) + "\n")
