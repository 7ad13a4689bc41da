"""From the bytes of a YAML file to plain data and the place of every part. The only file that knows YAML.

The parser's events are built up here, not by the library's constructors, because those read YAML 1.1: there ``no`` is
false, ``010`` is eight, ``12:30`` is 750, ``1e3`` is text and the last of two equal keys wins. Here scalars follow the
core schema of YAML 1.2 (yaml.org/spec/1.2.2, chapter 10.3), equal keys are refused, and so are aliases and tags, which
a scenario has no use for and a bomb is made of. Size and depth are bounded before anything is built.
"""

from __future__ import annotations

import codecs
import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from sim.errors import Problem, ScenarioError
from sim.named_files import ANYWHERE, OutsideError, Reach
from sim.named_files.content import too_large
from sim.scenario.document import Document, Place, Trail

LARGEST_FILE = 1_000_000
"""Bytes; a scenario of this size has some 20,000 lines."""
DEEPEST = 40
"""Levels of nesting."""
LONGEST_NUMBER = 40
"""Characters of a bare number."""
MOST_PROBLEMS = 50
"""So many are told of one file at most."""

_OTHER_ENCODINGS = (
    *((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32")),  # before UTF-16, whose mark begins alike
    *((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16")),
    *((b"r\0", "UTF-16 without a mark"), (b"\0r", "UTF-16 without a mark")),
    *((b"#\0", "UTF-16 without a mark"), (b"\0#", "UTF-16 without a mark")),
)
"""How files begin that are text, but not UTF-8: by a byte order mark, or by a first letter of two bytes."""
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_WORDS |= {sign + dot: float(sign + "inf") for sign in ("", "-", "+") for dot in (".inf", ".Inf", ".INF")}
_WORDS |= dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan"))
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


def read_file(file: str | Path, reach: Reach = ANYWHERE) -> Document:
    """The document in a file, with the problems that leave it readable; raises ScenarioError with those that do not.

    ``reach`` says which files may be read, this one and all that it names.
    """
    try:
        content = reach.read(file, LARGEST_FILE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        beyond = "; a scenario is a page or two of text" if reason == too_large(LARGEST_FILE) else ""
        near = _near(file) if isinstance(error, FileNotFoundError) and reach is ANYWHERE else ""
        message = reason + beyond if beyond or isinstance(error, OutsideError) else f"cannot be read: {reason}{near}"
        raise ScenarioError([Problem(file=str(file), message=message)]) from None
    document = read_bytes(content.data, str(file))
    document.reach, document.read_from = reach, content.file
    return document


def _near(file: str | Path) -> str:
    """A suggestion of a scenario in the same folder; empty where none comes near."""
    folder, name = os.path.split(file)
    try:
        names = os.listdir(folder or ".")
        there = [each for each in names if each.endswith((".yaml", ".yml")) and each != name]  # a link to nowhere
    except OSError:
        return ""
    found = difflib.get_close_matches(name, there, n=1, cutoff=0.6)
    return f"; did you mean '{os.path.join(folder, found[0])}'?" if found else ""


def read_bytes(content: bytes, file: str) -> Document:
    """The document in these bytes, as :func:`read_file` gives it; ``file`` is what messages call them."""
    if len(content) > LARGEST_FILE:
        message = f"is larger than {LARGEST_FILE:,} bytes; a scenario is a page or two of text"
        raise ScenarioError([Problem(file=file, message=message)])
    for mark, name in _OTHER_ENCODINGS:
        if content.startswith(mark):
            message = f"this is {name}, not UTF-8; save the file as UTF-8 text"
            raise ScenarioError([Document(file).problem_at(Place(file, 1, 1), message)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_after(content[: error.start].decode("utf-8", errors="replace"), file)
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8 text"
        raise ScenarioError([Document(file).problem_at(place, message)]) from None
    return _Builder(text, file).document()


def write(data: Mapping[str, Any]) -> str:
    """Plain data as YAML text that reads back to the same data; mappings keep their order."""
    import yaml

    class Writer(yaml.SafeDumper):
        """Quotes text that would be read as something else."""

    def text(writer: Any, value: str) -> Any:
        plain = value not in _WORDS and not _FLOAT.fullmatch(value) and not _OCTAL_OR_HEX.fullmatch(value)
        return writer.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else "'")

    Writer.add_representer(str, text)
    return yaml.dump(data, Dumper=Writer, sort_keys=False, allow_unicode=True, width=110)


class _HopelessError(Exception):
    """Nothing sensible can be built after this."""

    def __init__(self, mark: Any, message: str) -> None:
        super().__init__(message)
        self.mark = mark


class _Builder:
    """Builds plain data from the parser's events and notes where everything stands."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.built = Document(file, lines={file: _LINE_ENDS.split(text)})
        self.problems = self.built.problems

    def document(self) -> Document:
        """The document, or ScenarioError with every problem found before nothing more could be read."""
        import yaml

        try:
            self._documents(_events(self.text))
        except _HopelessError as error:
            self._give_up(self._place(error.mark), str(error))
        except yaml.MarkedYAMLError as error:
            self._give_up(self._place(error.problem_mark or error.context_mark), _plain_words(error))
        except yaml.YAMLError as error:
            self._give_up(*self._character(error))
        if not isinstance(self.built.data, dict):
            what = "the file is empty" if self.built.data is None else "the file does not hold a mapping"
            self._give_up(Place(self.built.file, 0, 0), f"{what}; begin with 'rollrisk: 1'")
        del self.problems[MOST_PROBLEMS:]
        return self.built

    def _documents(self, events: Iterator[Any]) -> None:
        starts = (event for event in events if type(event).__name__ == "DocumentStartEvent")
        for number, start in enumerate(starts):
            if number:
                raise _HopelessError(start.start_mark, "a second document begins here; write one scenario per file")
            self.built.data = self._node(next(events), events, ())

    def _node(self, event: Any, events: Iterator[Any], trail: Trail) -> Any:
        place = self.built.values[trail] = self._place(event.start_mark)
        kind = type(event).__name__
        if kind == "AliasEvent":
            self._refuse(place, f"alias *{event.anchor} is not read; write it out, or share it by 'extends:'", trail)
            return None
        if event.tag is not None:
            self._refuse(place, f"tag {event.tag} is not read; write plain values", trail)
        if kind == "ScalarEvent":
            return self._scalar(event, trail, place)
        if len(trail) >= DEEPEST:
            raise _HopelessError(event.start_mark, f"nested deeper than {DEEPEST} levels")
        return (self._mapping if kind == "MappingStartEvent" else self._sequence)(events, trail)

    def _mapping(self, events: Iterator[Any], trail: Trail) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if type(event).__name__ == "MappingEndEvent":
                break
            if type(event).__name__ != "ScalarEvent":
                raise _HopelessError(event.start_mark, "a key must be a word, not a list, a mapping or an alias")
            here = (*trail, event.value)
            place = self._place(event.start_mark)
            if event.value in found:
                first = self.built.keys[here]
                self._refuse(place, f"given twice, first in line {first.line}", here)
            self.built.keys[here] = place
            found[event.value] = self._node(next(events), events, here)
        return found

    def _sequence(self, events: Iterator[Any], trail: Trail) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            found.append(self._node(event, events, (*trail, len(found))))
        return found

    def _scalar(self, event: Any, trail: Trail, place: Place) -> Any:
        text: str = event.value
        if not event.implicit[0]:  # it stands in quotes or in a block
            return text
        if text in _WORDS:
            return _WORDS[text]
        number = _FLOAT.fullmatch(text) or _OCTAL_OR_HEX.fullmatch(text)
        if number and len(text) > LONGEST_NUMBER:
            self._refuse(place, f"a number of {len(text)} characters is too long", trail)
            return 0
        return _number(text) if number else text

    def _place(self, mark: Any) -> Place:
        return Place(self.built.file, mark.line + 1, mark.column + 1) if mark else Place(self.built.file, 0, 0)

    def _refuse(self, place: Place, message: str, trail: Trail = ()) -> None:
        self.problems.append(self.built.problem_at(place, message, trail))

    def _give_up(self, place: Place, message: str) -> NoReturn:
        """Nothing more can be read: the first problems and the one that ended the reading."""
        raise ScenarioError([*self.problems[: MOST_PROBLEMS - 1], self.built.problem_at(place, message)])

    def _character(self, error: Exception) -> tuple[Place, str]:
        """The library names a forbidden character's offset now in bytes, now in characters: look for it anew."""
        found = _NOT_YAML.search(self.text)
        place = _place_after(self.text[: found.start()], self.built.file) if found else self._place(None)
        return place, f"character U+{ord(found[0]):04X} is not allowed in YAML" if found else str(error)


def _events(text: str) -> Iterator[Any]:
    import yaml

    return iter(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def _number(text: str) -> int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    return int(text, 0) if text.startswith(("0o", "0x")) else float(text)


def _place_after(before: str, file: str) -> Place:
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


_ADVICE = (
    ("cannot start any token", "indent by spaces, not tabs; put a value that begins with @, ` or % in quotes"),
    ("a tab", "indent by spaces, not tabs; put a value that begins with @, ` or % in quotes"),
    ("mapping values are not allowed", "indent this line as those beside it; put a text with ': ' in it in quotes"),
    ("quoted scalar", "close the quotes"),
    ("flow mapping", "close the '{' with '}', and put ',' between its parts"),
    ("flow sequence", "close the '[' with ']', and put ',' between its parts"),
    ("block collection", "begin each entry of this list with '- ', or none"),
    ("block mapping", "indent this line as those beside it"),
    ("simple key", "write 'key: value'"),
)
"""What to do about a complaint of the parser, by words in it; the first that fits."""


def _plain_words(error: Any) -> str:
    words = ", ".join(words for words in (error.context, error.problem) if words)
    advice = next((advice for sign, advice in _ADVICE if sign in words), "")
    begun = error.context_mark
    if begun is not None and begun.line != (error.problem_mark or begun).line:
        words = words.replace(error.context, f"{error.context} begun in line {begun.line + 1}", 1)
    return f"not YAML: {words}{advice and f' ({advice})'}"
