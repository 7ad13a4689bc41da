"""Which model played a row: a digest over every source file that can change a result.

A results folder outlives the program that filled it. Rows of another model are not wrong, they answer another question;
mixing them with new ones would be.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

TELLING = ("study", "report", "serve", "cli", "notebook.py", "__init__.py", "__main__.py")
"""What only counts and tells: it may change without any replication changing."""


@functools.cache
def model_digest() -> str:
    """Twelve hexadecimal figures, alike for programs whose replications are alike.

    >>> len(model_digest())
    12
    """
    digest, package = hashlib.blake2b(digest_size=6), Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if place.parts[0] not in TELLING:
            digest.update(f"{place.as_posix()}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
