"""The only door to numba.

A *rule* is a plain function on numbers and columns. It carries a mark and nothing else, so that importing it costs
nothing and the reference engine can call it as it stands. On the first use of a compiled kernel, :func:`compiled`
binds the kernel and every rule it names, bottom-up: each function is copied with its global names pointing to the
compiled forms of the rules it calls.

A kernel may be compiled *without* some rules, which ask whether a part of the model is used: there each answers False,
and all that stands behind it is cut out beforehand (``sim/pruning.py``). So what a scenario does not use costs nothing.

A *choice* is a row of rules with one signature, picked by number: the balancers, the retry rules, the laws. It is
called the same way by both engines.

numba's own disk cache looks only at the file of the outermost function, so that an edited helper would go unnoticed.
Here the cache lives in a folder named by a digest of every source file that may hold a rule, of the numba and NumPy
versions and of the processor; ``sim/kernel_cache.py`` looks after it.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
import platform
import sys
import types
import warnings
from collections.abc import Callable, Collection, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from sim import kernel_cache
from sim.indices import compiler_from_the_front
from sim.pruning import pruned

Rule = TypeVar("Rule", bound=Callable[..., Any])
Without = frozenset[Callable[..., Any]]

_MARK = "__rollrisk_rule__"
_bound: dict[tuple[Any, Without], Any] = {}
_kernels: dict[tuple[Callable[..., Any], Without], Kernel] = {}

# Kernels never allocate, so numba's reference counting is switched off: counting the two dozen arrays of every call
# made a request thirty times dearer and the compilation twice as long. Inner rules are inlined and never called from
# Python, so they need no wrappers.
_KERNEL: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
_INNER: dict[str, Any] = {**_KERNEL, "forceinline": True, "no_cpython_wrapper": True}


def rule(function: Rule) -> Rule:
    """Mark a plain function as one that both engines use. Imports nothing, wraps nothing.

    >>> @rule
    ... def double(x: int) -> int:
    ...     return 2 * x
    >>> double(4)
    8
    """
    setattr(function, _MARK, True)
    return function


class Choice:
    """Several rules of one signature, picked by their number.

    >>> first = rule(lambda x: x)
    >>> second = rule(lambda x: -x)
    >>> Choice([first, second])(1, 5)
    -5
    """

    def __init__(self, rules: Sequence[Callable[..., Any]]) -> None:
        self.rules = tuple(rules)

    def __call__(self, number: int, *arguments: Any) -> Any:
        """What the rule of that number answers."""
        return self.rules[number](*arguments)


class Kernel:
    """A compiled function that is always called with arguments of the same types.

    The first call compiles it (or finds it on disk); later calls go straight to the machine code and spare numba's look
    at the types of two dozen columns, which costs ten times the call itself.
    """

    def __init__(self, dispatcher: Any) -> None:
        self.dispatcher = dispatcher
        self.entry: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run the machine code."""
        if self.entry is None:
            self.entry = self._made(arguments)
        return self.entry(*arguments)

    def _made(self, arguments: tuple[Any, ...]) -> Callable[..., Any]:
        """The machine code for such arguments: from disk where what lies there can be trusted, else compiled."""
        types_of = tuple(self.dispatcher.typeof_pyval(each) for each in arguments)
        if not _cache_usable():
            self.dispatcher.compile(types_of)
        else:
            folder = cache_folder()
            with kernel_cache.alone(folder):
                self._load_or_compile(types_of, folder)
        entry: Callable[..., Any] = self.dispatcher.overloads[self.dispatcher.signatures[0]].entry_point
        return entry

    def _load_or_compile(self, types_of: tuple[Any, ...], folder: Path) -> None:
        """With the folder to ourselves. What cannot be written there is compiled in memory, and said."""
        try:
            kernel_cache.drop_what_cannot_be_trusted(folder)
            self.dispatcher.compile(types_of)
            if not self.dispatcher.stats.cache_hits:
                kernel_cache.note_digests(folder)
        except OSError as error:
            if not self.dispatcher.signatures:
                raise
            warnings.warn(
                f"the compiled request engine cannot be kept in {folder} ({error.strerror or error}): "
                "the next command compiles it again",
                RuntimeWarning,
                stacklevel=2,
            )


def compiled(kernel: Callable[..., Any], *, without: Collection[Callable[..., Any]] = ()) -> Kernel:
    """The compiled form of a kernel, made on first use and kept on disk for later runs.

    Every rule in ``without`` answers False in it, whatever it is asked, and what only a True leads to is left out.
    Raises nothing of its own: where the disk cannot be written the kernel is compiled in memory.
    """
    form = kernel, frozenset(without)
    if form not in _kernels:
        _kernels[form] = Kernel(_numba().njit(cache=_cache_usable(), **_options(_KERNEL))(_rebound(*form)))
    return _kernels[form]


def cache_folder() -> Path:
    """Where compiled kernels of exactly these sources, on this kind of machine, are kept."""
    return kernel_cache.base_folder() / source_digest()


RULE_ROOMS = (
    *("jit.py", "draws.py", "versions.py", "outcomes.py", "octaves.py", "world.py", "ledger.py", "telemetry.py"),
    *("health.py", "rows.py", "indices.py", "pruning.py"),
    *("laws", "balancers", "retries", "requests"),
)
"""Where rules, and the constants they name, may stand."""


@functools.cache
def source_digest() -> str:
    """A short digest over all that can change a kernel: our rules, outside kinds, numba and NumPy, the processor."""
    digest = hashlib.blake2b(digest_size=10)
    package = Path(__file__).parent
    for path in sorted(source for room in RULE_ROOMS for source in _sources(package / room)):
        digest.update(str(path.relative_to(package)).encode())
        digest.update(path.read_bytes())
    versions = [_version(name) for name in ("numba", "llvmlite", "numpy")]
    digest.update("|".join([*versions, *_outside_kinds(), platform.python_version(), _processor()]).encode())
    return digest.hexdigest()


def _sources(room: Path) -> list[Path]:
    return [room] if room.is_file() else list(room.rglob("*.py"))


def _outside_kinds() -> list[str]:
    """Kinds that other packages add, with those packages' versions."""
    groups = ("rollrisk.balancers", "rollrisk.retries", "rollrisk.laws")
    entries = [entry for group in groups for entry in metadata.entry_points(group=group)]
    return sorted(f"{entry.value}=={entry.dist.version if entry.dist else ''}" for entry in entries)


def is_cached(kernel: str = "*", *, without: Collection[Callable[..., Any]] = ()) -> bool:
    """Whether the kernel of that name, without these rules, is compiled from these sources and on disk; or any."""
    return kernel_cache.is_filled(cache_folder(), _name_of(kernel, without))


def _name_of(kernel: str, without: Collection[Callable[..., Any]]) -> str:
    """The name under which numba keeps a kernel on disk; it does not look at what a kernel calls."""
    return "_without_".join([kernel, *sorted(each.__name__ for each in without)])


def _version(distribution: str) -> str:
    return metadata.version(distribution)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    wanted = ("model name", "flags", "Features", "CPU part")
    return "|".join(sorted({line for line in lines if line.startswith(wanted)}))


@functools.cache
def _cache_usable() -> bool:
    """Whether kernels can be kept on disk; where not, it is said once."""
    obstacle = kernel_cache.obstacle(cache_folder())
    if obstacle:
        warnings.warn(
            f"{cache_folder()} {obstacle}: the request engine is compiled in memory, anew in each process",
            RuntimeWarning,
            stacklevel=2,
        )
    return not obstacle


@functools.cache
def _numba() -> Any:
    """Import numba with its disk cache pointed at our folder."""
    if _cache_usable():
        os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
    numba = importlib.import_module("numba")
    if _cache_usable():
        sys.modules["numba"].config.CACHE_DIR = str(cache_folder())
    return numba


def _options(options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "pipeline_class": _compiler()}


@functools.cache
def _compiler() -> Any:
    return compiler_from_the_front(_numba().core)


def _rebound(function: Callable[..., Any], without: Without) -> types.FunctionType:
    """A copy of the function whose global names point to the compiled forms of the rules it uses."""
    assert isinstance(function, types.FunctionType)
    names, code = dict(function.__globals__), _code_of(function, without)
    assert code is not None
    for name in _names_used(code):
        value = names.get(name)
        if isinstance(value, Choice) or hasattr(value, _MARK):
            names[name] = _inner(value, without)
    copy = types.FunctionType(code, names, function.__name__, function.__defaults__, function.__closure__)
    copy.__module__, copy.__qualname__ = function.__module__, _name_of(function.__qualname__, without)
    return copy


@functools.cache
def _code_of(function: Callable[..., Any], without: Without) -> types.CodeType | None:
    """The code of a rule where those in ``without`` answer False; None when it then always answers False itself."""
    if function in without:
        return None
    assert isinstance(function, types.FunctionType)
    used = {name: function.__globals__.get(name) for name in _names_used(function.__code__)} if without else {}
    never = [name for name, value in used.items() if hasattr(value, _MARK) and _code_of(value, without) is None]
    return pruned(function, never) if never else function.__code__


def _names_used(code: types.CodeType) -> set[str]:
    return set(code.co_names)


def _inner(value: Any, without: Without) -> Any:
    """The compiled form of a rule or choice; only the outermost kernel is cached, it contains these."""
    form = value, without
    if form not in _bound:
        _bound[form] = (
            _chain(*form) if isinstance(value, Choice) else _numba().njit(**_options(_INNER))(_rebound(*form))
        )
    return _bound[form]


def _chain(choice: Choice, without: Without) -> Any:
    """A choice as compiled code: compare the number with each rule's place, one after the other."""
    numba = _numba()
    link: Any = None
    for number in reversed(range(len(choice.rules))):
        names = {"NUMBER": number, "HERE": _inner(choice.rules[number], without), "NEXT": link}
        template = _last_link if link is None else _link
        link = numba.njit(**_options(_INNER))(types.FunctionType(template.__code__, names, f"choice_{number}"))
    return link


# Templates of _chain; the three names are given per link.
NUMBER = 0
HERE: Any = None
NEXT: Any = None


def _link(number, *arguments):  # type: ignore[no-untyped-def]
    if number == NUMBER:
        return HERE(*arguments)
    return NEXT(number, *arguments)


def _last_link(number, *arguments):  # type: ignore[no-untyped-def]
    return HERE(*arguments)
