"""Names and texts in the letters that every bank prints: the Latin set of the SEPA implementation guidelines.

Source: EPC217-08, "SEPA requirements for an extended character set", which lets a bank drop what is outside
`a-z A-Z 0-9 / - ? : ( ) . , ' +` and space. The tables are here and not a library's, because a window's files must
have the same bytes for ever, and a library's tables change with its releases. Cyrillic follows ICAO Doc 9303 (the
spelling in passports), Greek its capital-letter table; accents of Latin letters are dropped (ā becomes a).
"""

import re
import unicodedata
from typing import Final

_CYRILLIC: Final = dict(
    pair.split(":")
    for pair in """а:a б:b в:v г:g ґ:g д:d ђ:d ѓ:g е:e ё:e є:ie ж:zh з:z ѕ:dz и:i і:i ї:i й:i ј:j к:k л:l љ:lj м:m н:n
    њ:nj о:o п:p р:r с:s т:t ћ:c ќ:k у:u ў:u ф:f х:kh ц:ts ч:ch џ:dz ш:sh щ:shch ъ:ie ы:y ь: э:e ю:iu я:ia""".split()
)
_GREEK: Final = dict(
    pair.split(":")
    for pair in """α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f χ:ch
    ψ:ps ω:o""".split()
)
_LATIN: Final = dict(
    pair.split(":") for pair in "ß:ss æ:ae œ:oe ø:o ł:l đ:d ð:d þ:th ħ:h ŧ:t ŋ:n ı:i ĸ:k ſ:s ə:e ƒ:f".split()
)
_LETTERS: Final = _CYRILLIC | _GREEK | _LATIN
_SIGNS: Final = {
    **dict.fromkeys('‘’‚‛“”„‟«»‹›"`´ʼ′″', "'"),
    **dict.fromkeys("‐‑‒–—―−_~", "-"),
    **dict.fromkeys(";", ","),
    **dict.fromkeys("[{<", "("),
    **dict.fromkeys("]}>", ")"),
    **dict.fromkeys("\\|", "/"),
    **dict.fromkeys("!*•·", "."),
    "&": "+",
    "@": "(at)",
    "€": "EUR",
    "№": "No",
    "%": " pct",
}
_UNKNOWN: Final = "."
_ALLOWED: Final = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")


def is_sepa_text(text: str) -> bool:
    """Whether every bank prints `text` as it is."""
    return _ALLOWED.fullmatch(text) is not None


def sepa_text(text: str, length_max: int) -> str:
    """`text` in SEPA letters, single spaces, cut to `length_max`. What no table knows becomes a full stop.

    Deterministic; text that is in the set already only loses surplus spaces.
    """
    composed = unicodedata.normalize("NFC", text)
    spelled = "".join(_spelled(composed, place) for place in range(len(composed)))
    return " ".join(spelled.split())[:length_max].rstrip()


def _spelled(text: str, place: int) -> str:
    symbol = text[place]
    if _ALLOWED.fullmatch(symbol):
        return symbol
    if symbol.isspace():
        return " "
    if symbol in _SIGNS:
        return _SIGNS[symbol]
    if (latin := _LETTERS.get(symbol.lower())) is not None:
        return _cased(latin, text, place) if symbol != symbol.lower() else latin
    return _without_accents(symbol)


def _cased(latin: str, text: str, place: int) -> str:
    """Capitals throughout inside a word of capitals (ЩИТ: SHCHIT), else only the first (Щит: Shchit)."""
    neighbours = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
    return latin.upper() if neighbours.isupper() else latin.capitalize()


def _without_accents(symbol: str) -> str:
    """The base letters of a symbol: ķ is k and a cedilla; Greek and Cyrillic bases are spelled in turn."""
    if unicodedata.category(symbol) in {"Mn", "Cf", "Cc"}:
        return ""
    bases = [base for base in unicodedata.normalize("NFKD", symbol) if not unicodedata.combining(base)]
    if bases == [symbol]:
        return _UNKNOWN
    return "".join(_spelled("".join(bases), place) for place in range(len(bases)))
