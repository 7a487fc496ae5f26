"""XML from strangers: parsed without entities, document types, network or unbounded size, or refused.

The defence is in layers. Bytes must be UTF-8 (ISO 20022 demands it), whatever the declaration says, so text that
looks harmless cannot be decoded into something else; a document type is refused before the parser sees it, and
without one there are no entities to expand or fetch; the parser itself resolves nothing, and keeps libxml2's limits.
"""

from functools import lru_cache
from typing import Final

from lxml import etree

from network.banking.refusals import BankFileUnreadable

Element = etree._Element

_DOCUMENT_TYPE: Final = "<!DOCTYPE"


def parsed(content: bytes) -> Element:
    """The root element, without comments and instructions, so that they cannot split a text.

    Raises BankFileUnreadable.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BankFileUnreadable(problem="it is not UTF-8 text") from None
    if _DOCUMENT_TYPE in text:
        raise BankFileUnreadable(problem="it declares a document type, which no bank statement has")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        # The parser's own sentence may quote the file, which has names in it.
        raise BankFileUnreadable(problem="its XML is broken or cut off") from None
    assert root.getroottree().docinfo.internalDTD is None, "a document type was refused above"
    return root


def namespace_of(element: Element) -> str:
    """The namespace, or nothing."""
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def name_of(element: Element) -> str:
    """The name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, path: str) -> list[Element]:
    """Every element at `path` ("Bal/Amt"), in the namespace of `element`."""
    return list(element.findall(_qualified(namespace_of(element), path)))


def text_at(element: Element, *paths: str) -> str:
    """The text of the first of `paths` that says something; empty without one."""
    return next((text for path in paths for found in children(element, path) if (text := _text(found))), "")


def texts_at(element: Element, path: str) -> list[str]:
    """The texts of every element at `path` that says something."""
    return [text for found in children(element, path) if (text := _text(found))]


@lru_cache(maxsize=256)
def _qualified(namespace: str, path: str) -> str:
    return "/".join(f"{{{namespace}}}{step}" for step in path.split("/"))


def _text(element: Element) -> str:
    return " ".join((element.text or "").split())
