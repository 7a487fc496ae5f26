"""Ids of messages, payments and instructions: the same window gives the same ids, and no two instructions share one.

`W12V1-` says window and version to a person; twenty consonants of a SHA-256 over every part say which one. Consonants
alone, so that an id never ends in digits that could be read into its neighbours when a bank drops the hyphen, and
never spells a word. At most the 35 characters of ISO 20022's Max35Text, inside the SEPA set, with no slash (EPC230-15).
"""

import hashlib
import re
from typing import Final
from uuid import UUID

from network.banking.refusals import PaymentInvalid

ID_LENGTH_MAX: Final = 35
_CONSONANTS: Final = "BCDFGHJKLMNPQRSTXZ"
_SYMBOLS: Final = 20  # 18**20 is more than 2**83
_SPOKEN: Final = re.compile(rf"W[0-9]{{1,8}}V[0-9]{{1,4}}[{_CONSONANTS}]{{{_SYMBOLS}}}")
_OTHERS: Final = re.compile(r"[^A-Z0-9]+")


def message_id(coalition_id: UUID, window_number: int, version: int, debtor_id: UUID) -> str:
    """MsgId: one file of one debtor."""
    return _derived("message", window_number, version, coalition_id, debtor_id)


def payment_id(coalition_id: UUID, window_number: int, version: int, debtor_id: UUID) -> str:
    """PmtInfId: the one group of payments inside that file."""
    return _derived("payment", window_number, version, coalition_id, debtor_id)


def end_to_end_id(coalition_id: UUID, window_number: int, version: int, debtor_id: UUID, creditor_id: UUID) -> str:
    """EndToEndId: one debt; it travels to the creditor's statement."""
    return _derived("instruction", window_number, version, coalition_id, debtor_id, creditor_id)


def bare(text: str) -> str:
    """`text` as ids are compared: banks change case, break lines and drop hyphens."""
    return _OTHERS.sub("", text.upper())


def bare_ids_in(text: str) -> set[str]:
    """Every id of ours that `text` holds, bare."""
    return set(_SPOKEN.findall(bare(text)))


def windows_in(*texts: str) -> set[int]:
    """The numbers of the windows whose ids `texts` hold."""
    return {int(found[1:].partition("V")[0]) for text in texts for found in bare_ids_in(text)}


def _derived(kind: str, window_number: int, version: int, *ids: UUID) -> str:
    if not (0 < window_number < 10**8 and 0 < version < 10**4):
        raise PaymentInvalid(reason="A window's number or version is outside what a payment id can say.")
    facts = "|".join([kind, str(window_number), str(version), *map(str, ids)])
    number = int.from_bytes(hashlib.sha256(facts.encode("ascii")).digest())
    symbols = []
    for _ in range(_SYMBOLS):
        number, place = divmod(number, len(_CONSONANTS))
        symbols.append(_CONSONANTS[place])
    return f"W{window_number}V{version}-{''.join(symbols)}"
