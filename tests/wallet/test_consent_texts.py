"""What a guest says yes to is known by its version: a sentence that changes, in any language, is a new one."""

import json
import re
from hashlib import sha256
from pathlib import Path

import network.api
from network.api.wallet.page import _texts
from network.contacts.consents import PURPOSES, TEXT_VERSION

PAGE = Path(network.api.__file__).parent / "static" / "wallet" / "contact.js"
SAID = {
    1: "8de064c07407f93d82a672572e6d444702c7a27f7ec3a7b4e2cda0abbbfeeee5",
    2: "ebb65eb6d3db6048fa0ebd8be0158080f5536cb21e0ccb19d4dc6fe04cc46e0d",
}
"""`{version: digest of its sentences in every language}`. Never changed; a new version is a new line."""


def test_a_changed_sentence_of_consent_is_a_new_version() -> None:
    page = PAGE.read_text(encoding="utf-8")
    sentences = dict(re.findall(r'^  (\w+): _\("(.+)"\),$', page, re.MULTILINE))
    (asked,) = re.findall(r"TEXT_VERSION = (\d+);", page)
    said = [[text, *(json.loads(_texts(language))[text] for language in ("lv", "ru"))] for text in sentences.values()]

    assert (int(asked), tuple(sentences)) == (TEXT_VERSION, PURPOSES)
    assert sha256(json.dumps(said).encode()).hexdigest() == SAID[TEXT_VERSION]
