"""Templates: escaped by default, one environment a reader's language, clock and money."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from network import qr
from network.api.pages.texts import Reader
from network.domain.units import exponent
from network.languages import LANGUAGES, NAMES

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
_loader = FileSystemLoader(TEMPLATES)


@lru_cache(maxsize=64)
def environment(reader: Reader) -> Environment:
    """Jinja for one kind of reader. An unknown name in a template is a mistake, not an empty place."""
    made = Environment(
        loader=_loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        reader.gettext, reader.plain_ngettext, newstyle=True
    )
    made.filters.update(reader.filters)
    made.filters["qr"] = drawn
    made.globals.update(
        language=reader.language, languages=[(code, NAMES[code]) for code in LANGUAGES], new_id=lambda: str(uuid4()),
        time_zone=reader.time_zone, currency=reader.currency, digits=exponent(reader.currency),
    )  # fmt: skip
    return made


def drawn(content: str) -> Markup:
    """The QR of a text, as SVG that stands in the page."""
    drawing = qr.svg(content).replace('role="img"', 'aria-hidden="true"')  # what it shows is said by what stands around
    return Markup(drawing)  # noqa: S704 - our own drawing: strokes and numbers


def render(reader: Reader, template: str, **facts: Any) -> str:
    """The page as text."""
    return environment(reader).get_template(template).render(**facts)
