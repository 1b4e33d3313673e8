"""Documents as text: JSON, or YAML where a person wrote it.

Both are measured before they are built. YAML is read by the core schema of 1.2 (no dates, no
`yes` for true) and without aliases, which make a small text a huge value; a key that stands twice is
refused. What is written is read back as the same.
"""

import re
from typing import Any, Final

import yaml

from flows.errors import BadInput, LimitExceeded, Phrase, phrase
from flows.security import safejson
from flows.security.limits import LIMITS
from flows.security.safejson import Json


class NotYaml(BadInput):
    """This is neither JSON nor YAML: {reason}"""

    code = "not_yaml"
    status = 400


class TextTooLarge(LimitExceeded):
    """The text has {size} bytes, over the limit of {limit}."""

    code = "too_large"


_SCALARS: Final = (
    ("tag:yaml.org,2002:null", re.compile(r"^(?:null|Null|NULL|~|)$"), "nN~\0"),
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    ("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
        "-+.0123456789",
    ),
)


_BREAKS: Final = ("\r", "\x85", "\u2028", "\u2029")  # line breaks to YAML 1.1, which it would fold


class _Loader(yaml.CSafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise NotYaml(reason=_at(key.start_mark, phrase("a key must be text")))
            if key.value in seen:
                said = phrase("the key {key} stands twice", key=key.value[:80])
                raise NotYaml(reason=_at(key.start_mark, said))
            seen.add(key.value)
        return {str(key.value): self.construct_object(value, deep=True) for key, value in node.value}


def _at(mark: Any, said: Phrase) -> Phrase:
    return phrase("line {line}: {reason}", line=mark.line + 1, reason=said) if mark is not None else said


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if any(mark in text for mark in _BREAKS):
        style = '"'
    elif "\n" in text:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
for _tag, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(_tag, _pattern, ["" if one == "\0" else one for one in _first])
    _Dumper.add_implicit_resolver(_tag, _pattern, ["" if one == "\0" else one for one in _first])


def read_text(data: bytes | str, *, limit: int = LIMITS.document_bytes) -> Json:
    """The value of a JSON or YAML text. Raises TextTooLarge, TooDeep, BadValue, NotJson or NotYaml."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > limit:
        raise TextTooLarge(size=len(raw), limit=limit)
    value = safejson.loads(raw) if raw.lstrip()[:1] in (b"{", b"[") else _read_yaml(raw)
    safejson.check(value)
    return value


def _read_yaml(raw: bytes) -> Json:
    try:
        text = raw.decode()
        _measure(text)
        value: Json = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except UnicodeDecodeError:
        raise NotYaml(reason=phrase("it is not UTF-8")) from None
    except yaml.YAMLError as error:
        raise NotYaml(reason=" ".join(str(error).split())[:300]) from None
    except (ValueError, RecursionError):
        raise NotYaml(reason=phrase("a number is too long, or it is nested too deep")) from None
    return value


def _measure(text: str) -> None:
    """Refuse depth and aliases before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise NotYaml(reason=_at(event.start_mark, phrase("aliases are not read")))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > safejson.MAX_DEPTH:
                raise safejson.TooDeep(size=depth, limit=safejson.MAX_DEPTH)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def write_yaml(value: Json) -> str:
    """The YAML text of a value, keys in the order given."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text
