"""The words of the site's pages in Korean: all of them, and the compiled file made of them."""

import gettext
import re

from builder_ui.environment import PROJECT

FOLDER = PROJECT / "builder_ui" / "locale" / "ko" / "LC_MESSAGES"
ENTRY = re.compile(r'^msgid "(.+)"\nmsgstr "(.+)"$', re.MULTILINE)
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
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for english, korean in ENTRY.findall((FOLDER / "django.po").read_text(encoding="utf-8")):
        assert compiled.gettext(english) == korean
