"""What an owner is told, and from which counts on."""

from datetime import date

import pytest

from network.reports import documents, paper
from network.reports.figures import Why
from network.reports.partner import PartnerReport, PartnerRows, partner_report
from network.reports.street import street_report
from network.reports.words import METHODS, NAMES
from tests.reports.groups import HEADING, SHOPS, pair, street_rows
from tests.reports.groups import NAMES as SHOP_NAMES

LANGUAGES = ("en", "ru", "lv")


def page(pairs, *, margin=None, own=True, limit_used=None, months=()) -> PartnerReport:
    rows = PartnerRows(HEADING, SHOPS[1], SHOP_NAMES, margin, pairs, [], [], [], limit_used, months=months)
    return partner_report(rows, own=own)


def figure(report: PartnerReport, name: str):
    return next(one for one in [*report.brought, *report.cost, *report.giving] if one.name == name)


def test_net_benefit_is_the_margin_of_the_bills_less_the_cost():
    report = page([pair(0, 1, 40)], margin=6_500)

    assert figure(report, "cost").value == 40 * 500
    assert figure(report, "net_benefit").value == 40 * 2_000 * 65 // 100 - 40 * 500
    assert figure(report, "net_benefit_90").value == 40 * 2_700 * 65 // 100 - 40 * 500
    assert figure(report, "cost_per_new_guest").value == 500
    assert figure(report, "return_on_cost").value == (40 * 1_300 - 40 * 500) * 10_000 // (40 * 500)


def test_without_a_margin_the_page_says_so_instead_of_a_number():
    report = page([pair(0, 1, 40)])

    assert figure(report, "net_benefit").why is Why.NO_MARGIN
    assert "tell_margin" in [one.code for one in report.advice]


def test_the_organizer_sees_neither_the_margin_nor_what_follows_from_it():
    report = page([pair(0, 1, 40), pair(2, 1, 4)], margin=6_500, own=False)

    assert report.margin is None
    assert not [one for one in report.cost if one.name.startswith(("net_benefit", "return_on"))]
    assert figure(report, "visits").value == 40
    assert figure(page([pair(0, 1, 40, lapsed_count=2)]), "lapsed_guests").value == 2
    assert figure(page([pair(0, 1, 40, lapsed_count=2)], own=False), "lapsed_guests").why is Why.FEW
    assert (report.hidden_pairs, report.advice) == (1, [])


def test_a_partner_sees_its_own_small_counts_and_of_others_guests_only_large_ones():
    march, june = date(2026, 3, 1), date(2026, 6, 1)
    months = [pair(1, 2, 3, begins_on=march), pair(1, 3, 7, begins_on=march), pair(1, 3, 9, begins_on=june)]
    report = page([pair(0, 1, 3), pair(1, 2, 3), pair(1, 3, 30)], months=months)

    assert figure(report, "visits").value == 3
    kinds = {one.name: [f.name for f in one.figures if f.name.endswith("guests")] for one in report.given}
    assert kinds["Shop 2"] == []
    assert kinds["Shop 3"] == ["new_guests", "lapsed_guests", "returning_guests", "unknown_guests"]
    shown = {f.name: f for f in report.given[1].figures}["new_guests"]
    assert (shown.value, shown.of, shown.period.first_on, shown.period.last_on) == (7, 7, march, date(2026, 3, 31))


@pytest.mark.parametrize(
    ("pairs", "margin", "limit_used", "codes"),
    [
        ([], 5_000, None, ["too_early"]),
        ([pair(0, 1, 19, issued=500)], 5_000, None, ["hardly_used"]),
        ([pair(0, 1, 4, issued=19)], 5_000, None, ["too_early"]),
        ([pair(1, 0, 30), pair(0, 1, 9, issued=9)], 5_000, None, ["gives_more"]),
        ([pair(0, 1, 30, issued=30)], 5_000, None, ["gets_more"]),
        ([pair(0, 1, 30, issued=30), pair(1, 0, 20)], 1_000, None, ["dear_new_guests"]),
        ([pair(0, 1, 30, issued=30), pair(1, 0, 20)], 5_000, None, ["keep_on"]),
        ([pair(0, 1, 30, issued=30, returned_90=2), pair(1, 0, 20)], 5_000, None, ["nobody_returns"]),
        ([pair(0, 1, 30, issued=30, unknown_count=15), pair(1, 0, 20)], 5_000, None, ["unknown_guests"]),
        ([pair(0, 1, 30, issued=30), pair(1, 0, 20)], 5_000, 8_000, ["limit_reached"]),
    ],
)  # fmt: skip
def test_advice_follows_from_figures_and_from_none_that_are_small(pairs, margin, limit_used, codes):
    assert [one.code for one in page(pairs, margin=margin, limit_used=limit_used).advice] == codes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_says_its_period_its_denominator_and_its_method(language):
    facts = documents.as_facts(page([pair(0, 1, 40), pair(1, 2, 30)], margin=6_500), language)

    for one in [*facts["brought"], *facts["cost"], *facts["giving"], *facts["received"][0]["figures"]]:
        assert one["method"]
        assert one["first_on"] <= one["last_on"]
        assert (one["of"] is None) == (one["of_what"] is None)
        assert one["shown"]
        assert NAMES[one["name"]]
        assert METHODS[one["name"]]
    assert facts["measured"]["estimate"] is None
    assert facts["measured"]["why"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_figures_are_the_same_bytes_on_paper_and_one_page_for_an_owner(language):
    report = page([pair(0, 1, 40), pair(1, 2, 30)], margin=6_500)

    first, again = paper.partner_pdf(report, language), paper.partner_pdf(report, language)

    assert first == again
    assert first.startswith(b"%PDF")


def test_a_name_is_no_formula_in_a_spreadsheet():
    names = {**SHOP_NAMES, SHOPS[0]: "=1+1"}
    rows = PartnerRows(HEADING, SHOPS[1], names, None, [pair(0, 1, 40)], [], [], [], None)

    text = documents.as_csv(partner_report(rows, own=True), "en").decode("utf-8-sig")

    assert "'=1+1" in text
    assert ",=1+1" not in text


def test_the_street_on_paper_is_the_same_bytes_again():
    report = street_report(street_rows([pair(0, 1, 30), pair(1, 2, 3), pair(2, 0, 7)], []))

    assert paper.street_pdf(report, "ru") == paper.street_pdf(report, "ru")
