"""The words of the site's pages in Korean: all of them, and the compiled file made of them."""

import json
import re
from datetime import UTC, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as said
from django.utils.translation import override

from builder_ui.environment import PROJECT
from tests.korean import compiled, korean

FOLDER = PROJECT / "builder_ui" / "locale" / "ko" / "LC_MESSAGES"
ENTRY = re.compile(r'^msgid "(.+)"\nmsgstr "(.+)"$', re.MULTILINE)
FAULTS = PROJECT / "builder_ui" / "editor" / "src" / "i18n"
HOLE = re.compile(r"\{\{(\w+)\}\}")
USED = re.compile(r"""\{% translate ["'](.+?)["'] %\}""")


def test_every_sentence_of_the_templates_has_its_korean() -> None:
    translated = dict(ENTRY.findall((FOLDER / "django.po").read_text(encoding="utf-8")))
    used = {
        text
        for page in (PROJECT / "templates").rglob("*.html")
        for text in USED.findall(page.read_text(encoding="utf-8"))
    }
    assert used - set(translated) == set()


def test_the_compiled_words_are_those_of_the_source() -> None:
    for english, text in ENTRY.findall((FOLDER / "django.po").read_text(encoding="utf-8")):
        assert korean("builder_ui").gettext(english.replace('\\"', '"')) == text.replace('\\"', '"')


def test_no_word_of_ours_is_said_in_another_way_by_an_app_that_stands_before() -> None:
    # The first app that has a word is the one that is heard: where Django says it otherwise, the site says it again.
    with override("ko"):
        assert {text: said(text) for text, ours in compiled().items() if said(text) != ours} == {}


def test_a_time_is_written_as_koreans_write_it() -> None:
    noon = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
    with override("ko"):
        assert date_format(noon, "DATETIME_FORMAT") == "2026년 11월 23일 오후 4:05"
        assert date_format(noon, "DATE_FORMAT") == "2026년 11월 23일"
    with override("en"):
        assert date_format(noon, "DATETIME_FORMAT") == "Nov. 23, 2026, 4:05 p.m."


def test_why_something_failed_is_said_alike_by_the_editor_and_by_the_server() -> None:
    # Both know the product's sentences by patterns of their own: a person reads one of them here and the other there.
    english, ours = (
        json.loads((FAULTS / language / "faults.json").read_text(encoding="utf-8"))["product"]
        for language in ("en", "ko")
    )
    both = {key: korean().gettext(HOLE.sub(r"{\1}", text)) for key, text in english.items()}
    known = {key: text for key, text in both.items() if text != HOLE.sub(r"{\1}", english[key])}
    assert len(known) > 50
    assert {key: HOLE.sub(r"{\1}", ours[key]) for key in known} == known
