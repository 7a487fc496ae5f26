"""A statement from both sides of two shops: disputed, agreed, paid; the same commands as the API."""

from tests.api.street import Street
from tests.pages.owners import page, send, stated_window
from tests.pages.visitors import Visitor


def test_a_line_is_disputed_answered_and_the_rest_is_paid(
    street: Street, anna: Visitor, ivan: Visitor, stranger: Visitor, organizer: Visitor
) -> None:
    line = f"/shop/money/1/lines/{stated_window(street)[0]}"
    entry = f"value:{street.restaurant.id}"
    assert "Say in a few words what is wrong." in send(anna, line, entry=entry, reason="other").text
    assert send(ivan, line, entry=f"value:{street.salon.id}", reason="duplicate").status_code == 422
    raised = send(anna, line, entry=entry, amount="2,50", reason="duplicate", note="It is on the bill before")
    assert raised.status_code == 303, raised.text
    dispute = raised.headers["location"]

    shown = page(ivan, street, dispute)
    assert "It is on the bill before" in shown
    assert "6 days left" in shown
    assert stranger.get(dispute).status_code == 404
    assert send(anna, f"{dispute}/answer", answer="agree").status_code == 422
    assert send(ivan, f"{dispute}/answer", answer="contest", note="Two guests").status_code == 303
    assert "Two guests" in page(anna, street, dispute)

    for visitor in (anna, ivan):
        assert send(visitor, "/shop/money/1/agree").status_code == 303
    street.call("POST", "/v1/windows/1/recomputation", street.organizer)  # or the job beside was first
    street.done("POST", "/v1/windows/1/instruction", street.organizer, {})
    first, newest = (page(anna, street, f"/shop/money/1{which}") for which in ("?version=1", ""))
    assert "This is how it was. What counts now is version 2." in first
    assert ('<p class="value">€20.00</p>' in first, '<p class="value">€17.50</p>' in newest) == (True, True)
    files = [anna.get(f"/shop/money/1/file?kind=json{which}").json() for which in ("&version=1", "")]
    assert [file["statement"]["due"] for file in files] == [-2_000, -1_750]
    assert anna.get("/shop/money/1?version=3").status_code == 404
    console = "/console/settlement/windows/1"
    first, newest = (page(organizer, street, f"{console}{which}") for which in ("?version=1", ""))
    assert ("What counts now is version 2." in first, "What counts now" in newest) == (True, False)
    asked = [text.partition("What is to be paid")[2] for text in (first, newest)]
    assert [("€20.00" in one, "€17.50" in one, "a disputed line waits" in one) for one in asked] == [
        (True, False, False),
        (False, True, True),
    ]
    assert organizer.get(f"{console}?version=3").status_code == 404
    money = page(anna, street, "/shop/money")
    assert "You pay restaurant" in money
    assert "€17.50" in money
    payment = money.split('href="/shop/money/payments/')[1].split('"')[0]

    path = f"/shop/money/payments/{payment}"
    shown = page(anna, street, path)
    for part in ("LV", f"Pollen window 1 {payment}", "<svg"):
        assert part in shown
    assert anna.get(f"{path}/bank.xml").content.startswith(b"<?xml")
    assert stranger.get(path).status_code == 404
    assert send(anna, f"{path}/confirm", amount="17.50", cause="in cash").status_code == 422
    assert send(ivan, f"{path}/confirm", amount="17.50", cause="in cash").status_code == 303
    assert "All of €17.50 is paid." in page(anna, street, path)
    line_id = page(ivan, street, path).split('name="line" value="')[1].split('"')[0]
    assert send(ivan, f"{path}/withdraw", line=line_id, reason="another guest").status_code == 303
    assert "Still to be paid" in page(anna, street, path)
