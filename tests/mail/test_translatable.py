"""Every word of a mail can be translated: letters stand in a tag for translation, or come from a variable."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.base import TextNode

MAILS = sorted((Path(settings.BASE_DIR) / "templates" / "mail").glob("*.txt"))
LETTER = re.compile(r"[^\W\d_]")
# The first line of a mail begins so for the program, not for people.
SUBJECT = re.compile(r"\ASubject:")
# After a variable that holds the address of the site: {{ site }}/sign-the-pledge/.
PATH = re.compile(r"(?m)^/[a-z/-]+/$")
# Words for people in the argument of a filter; the argument of `date` is a pattern.
IN_FILTER = re.compile(r"\|(?!date:)\w+:\"([^\"]*)\"")


def untranslatable(source: str) -> list[str]:
    """What people would read in English whatever their language."""
    nodes = engines["django"].from_string(source).template.nodelist  # type: ignore[attr-defined]
    texts = [node.s for node in nodes.get_nodes_by_type(TextNode)] + IN_FILTER.findall(source)
    bare = [PATH.sub("", SUBJECT.sub("", text)).strip() for text in texts]
    return [text for text in bare if LETTER.search(text)]


@pytest.mark.parametrize("mail", MAILS, ids=[mail.stem for mail in MAILS])
def test_every_word_of_a_mail_can_be_translated(mail: Path) -> None:
    assert untranslatable(mail.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Subject: Hello", ["Hello"]),
        ("{{ name }}\nSubject: again", ["Subject: again"]),
        ("{% if late %}Überfällig{% else %}{% for day in days %}and{% endfor %}{% endif %}", ["Überfällig", "and"]),
        ('{{ rounds|join:" and " }}', ["and"]),
        ('{% load i18n %}{% blocktranslate with all=rounds|join:" or " %}{{ all }}{% endblocktranslate %}', ["or"]),
        ("{{ site }}/sign-the-pledge/ now", ["/sign-the-pledge/ now"]),
    ],
)
def test_words_outside_are_found(source: str, found: list[str]) -> None:
    assert untranslatable(source) == found


def test_what_is_no_word_may_stand_outside() -> None:
    assert untranslatable('Subject: {{ day|date:"j F Y" }}\n\n“{{ words }}”\n- 3\n{{ site }}/sign-the-pledge/\n') == []
