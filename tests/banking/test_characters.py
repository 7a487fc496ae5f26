import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.banking.characters import is_sepa_text, sepa_text


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ('SIA "Ģērmaņa kūkas"', "SIA 'Germana kukas'"),
        ("Žubīte, Šķūnis un Čiekurs", "Zubite, Skunis un Ciekurs"),
        ("ĀČĒĢĪĶĻŅŠŪŽ āčēģīķļņšūž", "ACEGIKLNSUZ acegiklnsuz"),
        ("ООО «Щедрый ужин» & сыновья", "OOO 'Shchedryi uzhin' + synovia"),
        ("ЩЁГОЛЬ", "SHCHEGOL"),
        ("Я", "Ia"),
        ("Юлия Ёлкина-Жук", "Iuliia Elkina-Zhuk"),
        ("Подъезд", "Podieezd"),
        ("Їжак і Ґанок", "Izhak i Ganok"),
        ("Straße Ørsted Łódź Æsir", "Strasse Orsted Lodz Aesir"),
        ("Ελληνικά Ψωμί", "Ellinika Psomi"),
        ("Cafe\u0301 – №5 @ 10 € 100%", "Cafe - No5 (at) 10 EUR 100 pct"),
        ("寿司 Riga", ".. Riga"),
        ("  tabs\tand\nlines  ", "tabs and lines"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
    ],
)
def test_a_name_is_spelled_in_letters_that_every_bank_prints(name: str, spelled: str) -> None:
    assert sepa_text(name, 70) == spelled


@given(st.text(max_size=60), st.integers(1, 80))
def test_any_text_becomes_sepa_text_of_the_length(text: str, length_max: int) -> None:
    spelled = sepa_text(text, length_max)

    assert is_sepa_text(spelled)
    assert len(spelled) <= length_max
    assert spelled == spelled.strip()
    assert sepa_text(spelled, length_max) == spelled
