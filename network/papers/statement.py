"""A statement in a shop owner's words: who pays whom how much and by when, how it came about, every line."""

from collections.abc import Iterable, Sequence

from network.domain.statement import Section
from network.papers.figures import (
    SECTIONS,
    by_section,
    cause_of,
    name_of,
    pair_amounts,
    pair_labels,
    result_rows,
    short,
    turnover_rows,
    words_of,
)
from network.papers.paper import Column, Paper, Row, Table
from network.papers.supplies import HERE, INSTRUMENTS, THERE, Supply, rate_text, supplies_of
from network.papers.words import Said, Words, _
from network.settlement.statement import Heading, Line, PairStatement, Statement

_HEADS = {
    Section.VALUE.value: _("Value"),
    Section.COMMISSION.value: _("Commission"),
    Section.FEE.value: _("Fee"),
    Section.ADJUSTMENT.value: _("Adjusted"),
}
"""The same in the head of a narrow column."""
PRINTED = 2_000
"""Lines on paper. Setting them takes seconds; a longer statement is read as workbook or CSV."""
FITS = 11
"""Characters of a figure that stand in 2.1 cm of the usual type."""
CHECK = "python -m merchants statement check ARCHIVE"
_METHODS = {
    "bilateral": _("each pair's two debts are set off against each other"),
    "loops": _("pairs are set off, and debts that run in a circle are cancelled"),
    "multilateral": _("everybody's debts are set off together"),
}


def paper_of(statement: Statement, languages: Sequence[str], count: int | None = None) -> Paper:
    """The statement as its party reads it on paper. What is to be paid is what its version asks for. `count`: how many
    lines there are, if not all of them are in the statement.
    """
    heading = statement.heading
    words = words_of(heading, languages)
    count = sum(len(pair.lines) for pair in statement.pairs) if count is None else count
    printed = count <= PRINTED
    return Paper(
        title=words.say(_("Statement for window {number}"), number=heading.window),
        name=name_of(words, heading, statement.party_id, statement.party_name),
        issuer=heading.coalition_name,
        facts=_facts(words, statement),
        answer=words.say(_answer(statement.due)),
        sum=words.say("{sum}", sum=words.money(abs(statement.due))),
        sentences=(
            *sentences_of(words, statement),
            *(() if printed else (_too_many(words, count),)),
        ),
        tables=(
            *_payments(words, statement),
            _came_about(words, statement),
            *_with_each(words, statement),
            *_supplied(words, statement),
            *(_lines(words, heading, pair) for pair in statement.pairs if printed and pair.lines),
        ),
        proof_title=words.say(_("How to check this statement")),
        proof=_proof(words, heading),
        footer=f"{heading.coalition_name} · {heading.window} · {heading.chain_hash[:16]}",
        language=languages[0],
        notes=_notes(words),
    )


def sentences_of(words: Words, statement: Statement) -> tuple[Said, ...]:
    """What happens next, and what the reader may do about it."""
    heading = statement.heading
    found = [*_newer(words, statement)]
    if statement.due or any(pair.due for pair in statement.pairs):
        found.append(_how_long(words, statement))
    else:
        found.append(words.say(_("Nothing is paid for this window. Please check it all the same.")))
    if statement.rolled_over or any(pair.rolled_over for pair in statement.pairs):
        found.append(
            words.say(
                _("{sum} is not paid now, because payments under {least} wait: it opens the next statement."),
                sum=words.money(statement.rolled_over),
                least=words.money(heading.threshold),
            )
        )
    found.append(
        words.say(
            _(
                "Redeemed at this partner's till, before any set-off: {here}."
                " Redeemed elsewhere for its guests: {there}."
            ),
            here=words.money(statement.redeemed_here),
            there=words.money(statement.redeemed_there),
        )
    )
    return tuple(found)


def _how_long(words: Words, statement: Statement) -> Said:
    """A version may be made while partners still look at the statement, or when their time is over."""
    ends_at = statement.heading.review_ends_at
    if statement.made_at is not None and statement.made_at >= ends_at:
        text = _("The time to check the statement ended with {day}; the payments are made as this version says.")
    else:
        text = _(
            "Please check this statement by the end of {day}. Whoever says nothing by then agrees with it;"
            " the payments are made after that day."
        )
    return words.say(text, day=words.last_day_before(ends_at))


def _too_many(words: Words, count: int) -> Said:
    return words.say(
        _("The single lines are not on this paper, since there are {count}: they are in the workbook and CSV file."),
        count=str(count),
    )


def _newer(words: Words, statement: Statement) -> Iterable[Said]:
    if statement.made_at is not None:
        yield words.say(
            _(
                "This is version {version} of {at}; it replaces what earlier versions asked to be paid. Lines and"
                " closing balance are those of the statement and do not change: what came to them since is told apart."
            ),
            version=statement.version,
            at=words.instant(statement.made_at),
        )


def _answer(due: int) -> str:
    if due > 0:
        return _("To receive")
    return _("To pay") if due < 0 else _("Nothing to pay on balance")


def _facts(words: Words, statement: Statement) -> tuple[tuple[Said, Said], ...]:
    heading = statement.heading
    return (
        (words.say(_("Network")), (heading.coalition_name,)),
        (words.say(_("Covers everything until")), words.say("{at}", at=words.instant(heading.cut_at))),
        (words.say(_("Stated")), words.say("{at}", at=words.instant(heading.stated_at))),
        (words.say(_("Version")), _version(words, statement)),
        (words.say(_("Amounts in")), (heading.currency,)),
    )


def _payments(words: Words, statement: Statement) -> Iterable[Table]:
    own = name_of(words, statement.heading, statement.party_id, statement.party_name)
    rows = []
    for pair in statement.pairs:
        other = name_of(words, statement.heading, pair.counterparty_id, pair.counterparty_name)
        if pair.due:
            payer, payee = (other, own) if pair.due > 0 else (own, other)
            rows.append(Row((payer, payee, words.amount(abs(pair.due)))))
    if rows:
        columns = (
            Column(words.say(_("Who pays")), "1fr"),
            Column(words.say(_("Who receives")), "1fr"),
            Column(words.say(_("Amount")), figure=True),
        )
        yield Table(columns, tuple(rows), title=words.say(_("Payments")))


def _came_about(words: Words, statement: Statement) -> Table:
    columns = (
        Column((), "1fr"),
        Column(words.say(_("Receives")), figure=True),
        Column(words.say(_("Owes")), figure=True),
        Column(words.say(_("Balance")), figure=True),
    )
    rows = [
        Row((words.say(text), words.amount_or_blank(to), words.amount_or_blank(by), words.amount(to - by)))
        for text, to, by in turnover_rows(statement.opening, statement.sections)
    ]
    rows += [
        Row((words.say(text), "", "", words.amount(amount)), strong=strong)
        for text, amount, strong in result_rows(statement)
    ]
    method = _METHODS.get(statement.heading.method, statement.heading.method)
    note = words.say(
        _("Netting in this window: {method}. It never changes a partner's balance."), method=words.part(method)
    )
    return Table(columns, tuple(rows), title=words.say(_("How this came about")), note=note)


def _with_each(words: Words, statement: Statement) -> Iterable[Table]:
    if not statement.pairs:
        return
    labels = pair_labels(statement)
    figures = [amount for pair in statement.pairs for amount in pair_amounts(pair, statement)]
    longest = max(len(words.amount(-abs(amount))) for amount in (*figures, sum(map(abs, figures))))
    narrow = "2.1cm" if longest <= FITS else "auto"
    widths = ["auto"] * 4 + [narrow] * (len(labels) - 4)
    columns = (
        Column(words.say(_("Partner")), "1fr"),
        *(Column(words.say(label), width, figure=True) for label, width in zip(labels, widths, strict=True)),
    )
    rows = [
        Row((
            name_of(words, statement.heading, pair.counterparty_id, pair.counterparty_name),
            *(words.amount(amount) for amount in pair_amounts(pair, statement)),
        ))
        for pair in statement.pairs
    ]  # fmt: skip
    whole = [sum(column) for column in zip(*(pair_amounts(pair, statement) for pair in statement.pairs), strict=True)]
    rows.append(Row((words.say(_("Together")), *(words.amount(amount) for amount in whole)), strong=True))
    yield Table(columns, tuple(rows), title=words.say(_("With each partner")), dense=longest > FITS)


_SUPPLIED = {
    HERE: _("Supplied at this partner's till for certificates, by tax rate"),
    THERE: _("Supplied elsewhere for this partner's certificates, by tax rate"),
}


def _supplied(words: Words, statement: Statement) -> Iterable[Table]:
    columns = (
        Column(words.say(_("Partner")), "1fr"),
        Column(words.say(_("What it is"))),
        Column(words.say(_("Country"))),
        Column(words.say(_("Tax rate")), figure=True),
        Column(words.say(_("Gross")), figure=True),
        Column(words.say(_("Tax within")), figure=True),
    )
    note = words.say(
        _(
            "Gross and whoever bears it, although the payment is net; what was undone is taken off. The tax is what the"
            " sum contains at this rate, rounded once; whether it is due depends on what the certificate is."
            " Your accountant decides."
        )
    )
    supplies = supplies_of(statement)
    for where, title in _SUPPLIED.items():
        present = [one for one in supplies if one.where == where]
        if any(one.instrument for one in present):
            rows = [Row(_supply(words, statement, one)) for one in present]
            whole = words.amount(sum(one.gross for one in present))
            known = [one.tax for one in present if one.tax is not None]
            taxes = words.amount(sum(known)) if known else "–"
            rows.append(Row((words.say(_("Together")), "", "", "", whole, taxes), strong=True))
            yield Table(columns, tuple(rows), title=words.say(title), note=note)


def _version(words: Words, statement: Statement) -> Said:
    """Its number; of a later one, when it was made."""
    if statement.made_at is None:
        return (str(statement.version),)
    return words.say("{number}, {at}", number=statement.version, at=words.instant(statement.made_at))


def _supply(words: Words, statement: Statement, one: Supply) -> tuple[str | Said, ...]:
    return (
        name_of(words, statement.heading, one.pair.counterparty_id, one.pair.counterparty_name),
        words.say(INSTRUMENTS[one.instrument] if one.instrument else _("nothing on record")),
        one.country or "–",
        "–" if one.rate is None else rate_text(one.rate, words.languages[0]),
        words.amount(one.gross),
        "–" if one.tax is None else words.amount(one.tax),
    )


def _lines(words: Words, heading: Heading, pair: PairStatement) -> Table:
    present = [name for name in SECTIONS if name in pair.sections]
    narrow = _room_for(words, (pair.opening, pair.closing, *(line.bill or 0 for line in pair.lines)))
    columns = (
        Column(words.say(_("When"))),
        Column(words.say(_("Bill, and the event behind it")), "1fr"),
        Column(words.say(_("Whole bill")), narrow, figure=True),
        Column(words.say(_("Taken off")), narrow, figure=True),
        *(Column(words.say(_HEADS[name]), narrow, figure=True) for name in present),
        Column(words.say(_("Amount")), narrow, figure=True),
    )
    blank = ("",) * (2 + len(present))
    rows = [Row((words.say(_("Opening")), "", *blank, words.amount(pair.opening)), strong=True)]
    rows += [_line(words, line, present) for line in pair.lines]
    rows.append(Row((words.say(_("Closing")), "", *blank, words.amount(pair.closing)), strong=True))
    name = name_of(words, heading, pair.counterparty_id, pair.counterparty_name)
    title = words.say(_("Every line with {partner}"), partner=name)
    return Table(columns, tuple(rows), title=title, small=True)


def _room_for(words: Words, amounts: Iterable[int]) -> str:
    """A column's width: its head may be broken into lines, its figures not; a digit takes 1.45 mm there."""
    return f"{max(1.6, 0.3 + 0.145 * max(len(words.amount(-abs(one))) for one in amounts)):.2f}cm"


def _line(words: Words, line: Line, present: Sequence[str]) -> Row:
    amounts = by_section(line)
    of = [short(line.certificate_id)] if line.certificate_id else []
    event = " · ".join([cause_of(words, line), str(line.position), *of])
    return Row((
        words.moment(line.happened_at),
        (line.bill_reference or "–", event),
        words.amount_or_blank(line.bill),
        words.amount(line.deducted),
        *(words.amount_or_blank(amounts.get(name)) for name in present),
        words.amount(line.amount),
    ))  # fmt: skip


def _notes(words: Words) -> tuple[Said, ...]:
    return (
        words.say(
            _(
                "When a line is disputed, a partner does not pay, or something was paid before, a new version says what"
                " is then to be paid. The newest is in force; ask the organizer if you doubt that this is it."
            )
        ),
        words.say(
            _(
                "Above zero: this partner receives. Below zero: it owes. Under each bill stand what happened, the"
                " number of its event in the network's log, and how the certificate's id begins."
            )
        ),
    )


def _proof(words: Words, heading: Heading) -> tuple[tuple[Said, str], ...]:
    return (
        (words.say(_("Events of the log")), f"{heading.after_position + 1} – {heading.position}"),
        (words.say(_("Hash of the log at the cut")), heading.chain_hash),
        (words.say(_("With the archive of this window, recompute it")), CHECK),
    )
