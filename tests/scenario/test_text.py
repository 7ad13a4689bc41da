import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario.text import LARGEST_FILE, read_bytes, read_file, write


def refusal(content: bytes) -> str:
    try:
        problems = read_bytes(content, "bad.yaml").problems
    except ScenarioError as error:
        problems = list(error.problems)
    assert problems, "was read without a word"
    return str(ScenarioError(problems))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"), ("on", "on"), ("yes", "yes"), ("010", 10), ("12:30", "12:30"), ("1e3", 1000.0), ("0x1F", 31),
        ("0o17", 15), (".5", 0.5), ("true", True), ("~", None), ("", None), ("'5'", "5"), ("5%", "5%"), ("-3", -3),
    ],
)  # fmt: skip
def test_a_scalar_is_read_by_the_core_schema_of_yaml_1_2(written: str, value: object) -> None:
    read = read_bytes(f"a: {written}".encode(), "a.yaml").data["a"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (b"a: 1\nb: 2\na: 3", "bad.yaml:3:1:", "given twice, first in line 1"),
        (b"a: &x 1\nb: *x", "bad.yaml:2:4:", "alias *x is not read"),
        (b"a: !!python/object:os.system x", "bad.yaml:1:4:", "is not read"),
        (b"a:\n\tb: 1", "bad.yaml:2:1:", "not tabs"),
        (b"a: 1\n---\nb: 1", "bad.yaml:2:1:", "one scenario per file"),
        (b"a: 1\nb: \xff", "bad.yaml:2:4:", "byte 0xff is not UTF-8"),
        (b"a: 1\nb: \x00", "bad.yaml:2:4:", "U+0000"),
        (b"\xff\xfea\x00", "bad.yaml:1:1:", "UTF-8"),
        (b"", "bad.yaml:", "empty"),
        (b"# nothing", "bad.yaml:", "empty"),
        (b"- 1", "bad.yaml:", "does not hold a mapping"),
        (b"{[a]: 1}", "bad.yaml:1:2:", "a key must be a word"),
        (b"a: " + b"9" * 5000, "bad.yaml:1:4:", "too long"),
        (b"a: b: c", "bad.yaml:1:5:", "not YAML"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_at_its_place(content: bytes, place: str, words: str) -> None:
    message = refusal(content)
    assert message.startswith(place)
    assert words in message


@pytest.mark.parametrize("opening", [b"[", b"{a: ", b"- ", b"? "])
def test_a_tower_of_brackets_is_refused_before_it_is_built(opening: bytes) -> None:
    tracemalloc.start()
    try:
        refusal(opening * (LARGEST_FILE // len(opening)))
        assert tracemalloc.get_traced_memory()[1] < 10 * LARGEST_FILE
    finally:
        tracemalloc.stop()


def test_a_file_of_nothing_but_one_key_is_refused() -> None:
    assert "given twice, first in line 2" in refusal(b"a:\n " * (LARGEST_FILE // 4))


def test_a_bomb_of_aliases_is_refused_without_being_built() -> None:
    rows = [b"a0: &a0 [x]"] + [b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)]
    assert "alias" in refusal(b"\n".join(rows))


def test_a_file_of_a_hundred_megabytes_is_refused_after_its_first(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(ScenarioError, match="larger than"):
        read_file(file)


@pytest.mark.parametrize("name", ["absent.yaml", ".", "a\0b", "x" * 5000])
def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_file(f"{tmp_path}/{name}")


@given(st.one_of(st.binary(), st.text(alphabet="ab:-[]{}&*!|>'\"%@#? \n\t0.")))
def test_whatever_the_bytes_there_is_a_document_or_a_refusal(content: bytes | str) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    try:
        assert isinstance(read_bytes(raw, "any.yaml").data, dict)
    except ScenarioError as error:
        assert error.problems  # noqa: PT017


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False) | st.text(
        alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]))
    | st.sampled_from(["010", "1e3", "no", "12:30", "~", "0x1", ".inf", "null"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text("abc", min_size=1), plain, min_size=1))
def test_data_written_out_reads_back_the_same(data: dict[str, object]) -> None:
    assert read_bytes(write(data).encode(), "again.yaml").data == data


def test_keys_and_values_know_their_places() -> None:
    read = read_bytes(b"a:\n  b: [1, 2]\n", "a.yaml")
    assert (read.place(("a", "b"), of_key=True).line, read.place(("a", "b"), of_key=True).column) == (2, 3)
    assert (read.place(("a", "b", 1)).line, read.place(("a", "b", 1)).column) == (2, 10)
    assert read.place(("a", "missing")).line == 1, "what is missing is told of at its parent"
