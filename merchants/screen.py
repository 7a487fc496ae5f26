"""What a cashier sees: a word, a sign and a colour together, readable from an arm's length and without the colour."""

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from merchants.printing import qr_text

_SIGNS = {"OK": ("✔", "+"), "NO": ("✘", "x"), "WAIT": ("…", "...")}
_STYLES = {"OK": "bold white on dark_green", "NO": "bold white on dark_red", "WAIT": "bold black on yellow"}


class Screen:
    """Writes to the terminal. `NO_COLOR` is respected; a terminal without Unicode gets plain signs and no QR."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, markup=False, emoji=False)
        self._unicode = self.console.encoding.lower().startswith("utf")

    def ok(self, headline: str, *sentences: str) -> None:
        """Done."""
        self._banner("OK", headline, sentences)

    def no(self, headline: str, *sentences: str) -> None:
        """Refused, or not possible."""
        self._banner("NO", headline, sentences)

    def wait(self, headline: str, *sentences: str) -> None:
        """Kept safe, not answered yet."""
        self._banner("WAIT", headline, sentences)

    def say(self, text: str = "") -> None:
        """A plain line."""
        self.console.print(Text(text))

    def qr(self, content: str) -> None:
        """The code, as large as it has to be."""
        if not self._unicode:
            self.say("(This terminal cannot draw a QR; use --png FILE or the typed code.)")
            return
        drawn = qr_text(content)
        if self.console.width < drawn.index("\n") and self.console.is_terminal:
            self.say("(Make the window wider to see the QR, or use --png FILE.)")
            return
        self.console.print(Text(drawn, style="bright_white on black"), soft_wrap=True)

    def _banner(self, word: str, headline: str, sentences: tuple[str, ...]) -> None:
        sign = _SIGNS[word][0 if self._unicode else 1]
        if not self.console.is_terminal:
            self.console.print(Text(f"{sign} {word}  {headline}"), soft_wrap=True)
            for sentence in sentences:
                self.console.print(Text(f"  {sentence}"), soft_wrap=True)
            return
        text = Text(f"{sign} {word}   {headline}", style="bold")
        for sentence in sentences:
            text.append(f"\n{sentence}", style="not bold")
        self.console.print(Panel(text, style=_STYLES[word], padding=(1, 3), safe_box=not self._unicode))
