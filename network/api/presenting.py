"""What a presented text can be refused for before any command sees it, for the description of the API."""

from network.token import _SENTENCES

PRESENTED: tuple[tuple[str, str], ...] = (
    *((code, sentence) for code, sentence in _SENTENCES.items() if code != "token_expired"),
    ("typed_code_malformed", "A code has ten letters and digits, in two groups of five."),
    ("typed_code_mistyped", "One of the ten symbols is wrong; compare them again."),
)
"""`(code, sentence)` of every refusal of a token or a typed code. Time is the certificate's to judge."""
