"""From paths to texts: files, folders and standard input, within bounds, and what is no plain manifest by name."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sim.errors import UsageError
from sim.exchange.spots import Remark, Spot

LARGEST_FILE = 16_000_000
"""Bytes of one file."""
LARGEST_ALL = 128_000_000
"""Bytes of all files together."""
MOST_FILES = 20_000
ENDINGS = (".yaml", ".yml", ".json")
STDIN = "-"

_HELM = re.compile(
    r"\{\{-?\s*(?:\.|\$|/\*|\"|`|(?:include|template|if|range|with|end|else|define|block|tpl|toYaml|toJson|printf|default"
    r"|quote|required|fail|lookup|nindent|indent|trunc|not|and|or|eq|ne|hasKey|int|join|list|dict|tuple|ternary)\b)"
)
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
RENDER_HELM = "is a Helm template that has not been rendered; run: helm template CHART | rollrisk import -"
RENDER_KUSTOMIZE = (
    "is a Kustomize file, of which the manifests beside it are parts; run: kubectl kustomize FOLDER | rollrisk import -"
)


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file, and what messages call it."""

    name: str
    text: str


def is_helm(text: str) -> bool:
    """Whether a text has what only Helm's templates have: not Argo's ``{{args.x}}`` and Flagger's ``{{ target }}``.

    >>> is_helm("replicas: {{ .Values.replicas }}"), is_helm("query: '{{args.service}}{{ interval }}'")
    (True, False)
    """
    return bool(_HELM.search(text))


def sources(paths: Iterable[str], stdin: BinaryIO | None = None) -> Iterator[Source | Remark]:
    """The texts at these paths, folders with all that is in them; ``-`` reads ``stdin``.

    A path that is not there raises UsageError; a file inside a folder that cannot be read is a remark.
    """
    left = LARGEST_ALL
    for number, (name, path) in enumerate(_files(paths)):
        if number >= MOST_FILES:
            raise UsageError(f"more than {MOST_FILES:,} files; name the folders that hold what you release")
        found = _read(name, path, stdin)
        if isinstance(found, Source):
            left -= len(found.text)
            if left < 0:
                raise UsageError(f"more than {LARGEST_ALL:,} bytes of manifests; name the folders you release from")
        yield found


def _files(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What each is called, and where it is; files named by hand whatever they end with."""
    for path in paths:
        if path == STDIN:
            yield "stdin", path
        elif os.path.isdir(path):
            yield from _inside(path)
        elif os.path.exists(path):
            yield path, path
        else:
            raise UsageError(f"{path}: there is no such file or folder")


def _inside(folder: str) -> Iterator[tuple[str, str]]:
    """Files of a folder and those below in order; what is hidden is left alone, links to folders are not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            if name.endswith(ENDINGS) or name in KUSTOMIZATIONS:
                file = os.path.join(root, name)
                yield file, file


def _read(name: str, path: str, stdin: BinaryIO | None) -> Source | Remark:
    try:
        if path == STDIN:
            content = b"" if stdin is None else stdin.read(LARGEST_FILE + 1)
        elif stat.S_ISFIFO(os.stat(path).st_mode) and not path.startswith(("/dev/", "/proc/")):
            return Remark(Spot(name), "is a named pipe; pipe its manifests into: rollrisk import -")
        else:
            with open(path, "rb") as stream:
                content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        return Remark(Spot(name), f"cannot be read: {error.strerror or 'unknown error'}")
    if len(content) > LARGEST_FILE:
        return Remark(Spot(name), f"is larger than {LARGEST_FILE:,} bytes; name the files you release")
    try:
        encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        return Source(name, content.decode(encoding))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        told = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8 text"
        return Remark(Spot(name, line=line), told)
