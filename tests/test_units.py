from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from sim import units
from sim.quantities import CountOrShare, Duration, Share, default

READERS = (units.duration, units.share, units.rate, units.size, units.cpu, units.bandwidth, units.count, units.amount)


@given(st.integers(0, units.LONGEST))
def test_a_duration_written_out_reads_back_to_the_same_nanosecond(nanoseconds: int) -> None:
    assert units.duration(units.show_duration(nanoseconds)) == nanoseconds


@given(st.floats(0, 1))
def test_a_share_written_out_reads_back_to_the_same_number(value: float) -> None:
    written = units.write_share(value)
    assert units.share(float(written) if "%" not in written else written) == value


@given(st.integers(0, 10**15))
def test_a_size_written_out_reads_back_to_the_same_byte(number: int) -> None:
    assert units.size(units.show_size(number)) == number


@given(st.integers(0, 10**9))
def test_cpu_written_out_reads_back_to_the_same_millicore(number: int) -> None:
    assert units.cpu(units.show_cpu(number)) == number


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.lists(st.integers())))
def test_whatever_stands_in_a_file_a_unit_reader_gives_a_value_or_a_sentence(written: object) -> None:
    for read in READERS:
        with suppress(ValueError):
            assert read(written) >= 0


@pytest.mark.parametrize(
    ("read", "written", "sentence"),
    [
        (units.duration, 30, "no unit of time"),
        (units.duration, "30m1h", "cannot read '30m1h' as a duration"),
        (units.duration, "-5s", "below 0"),
        (units.duration, "45 seconds", "write e.g. '250ms'"),
        (units.duration, None, "an empty value"),
        (units.share, 5, "not between 0 % and 100 %"),
        (units.share, "101%", "not between 0 % and 100 %"),
        (units.rate, 90, "does not say per what"),
        (units.size, "512Mb", "cannot read '512Mb' as a size"),
        (units.cpu, "0.5m", "whole number of thousandths"),
        (units.count, 2.5, "not a whole number"),
        (units.count, -1, "below 0"),
        (units.amount, True, "cannot read true"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused_with_what_to_write(read, written, sentence) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(")):
        read(written)


def test_a_share_of_a_count_rounds_up_or_down_as_kubernetes_does() -> None:
    quarter = CountOrShare.read("25%")
    assert (quarter.up(10), quarter.down(10)) == (3, 2)
    assert CountOrShare.read("7%").up(100) == 7, "no float dust may add a pod"


class Example(BaseModel):
    every: Duration = default("10s", origin="a test", trust="high")
    share: Share
    model_config = {"validate_default": True}


def test_a_field_writes_the_text_it_would_read() -> None:
    example = Example(share="0.05%")
    assert example.every == 10 * units.SECOND
    assert example.model_dump() == {"every": "10s", "share": "0.05%"}
    assert Example(**example.model_dump()) == example


def test_a_field_refuses_with_the_units_own_sentence() -> None:
    with pytest.raises(ValidationError, match="12 has no unit of time"):
        Example(every=12, share=0.5)


@given(st.integers(0, 10_000))
def test_any_whole_share_is_read_back_from_what_it_writes(percent: int) -> None:
    read = CountOrShare.read(f"{percent}%")
    assert CountOrShare.read(read.written()) == read


def test_a_surge_may_be_more_than_all_pods() -> None:
    """Kubernetes bounds maxUnavailable by 100 %, and maxSurge by nothing."""
    assert CountOrShare.read("150%").up(10) == 15
