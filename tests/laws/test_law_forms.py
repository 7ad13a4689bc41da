"""Every way a person writes a law, and what is said when it cannot be read."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from sim.doors import kinds
from sim.laws import DurationLaw, Law, NumberLaw, ShareLaw, SizeLaw
from sim.laws.deterministic import Deterministic

DURATIONS: TypeAdapter[Law] = TypeAdapter(DurationLaw)
SHARES: TypeAdapter[Law] = TypeAdapter(ShareLaw)
FORMS: list[Any] = [
    "12s",
    0,
    {"p50": "12s", "p95": "30s"},
    {"p99.9": "30s", "p5": "1s"},
    {"mean": "100ms", "p95": "350ms"},
    *(kind.example for kind in kinds("laws").values()),
]


class Container(BaseModel):
    model_config = ConfigDict(frozen=True)
    start: DurationLaw


def faults(adapter: TypeAdapter[Law], written: Any) -> dict[str, str]:
    """Place and text of everything found wrong."""
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(written)
    return {".".join(str(step) for step in each["loc"]): each["msg"] for each in caught.value.errors()}


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_what_is_written_out_reads_back_to_an_equal_law(form: Any) -> None:
    law = DURATIONS.validate_python(form)
    again = DURATIONS.validate_python(DURATIONS.dump_python(law))
    assert again == law
    assert hash(again) == hash(law)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_schema_accepts_every_form(form: Any) -> None:
    jsonschema.validate({"start": form}, Container.model_json_schema())


@pytest.mark.parametrize(
    "form", [{"p50": "12s"}, {"kind": "gama", "mean": "1s"}, {"kind": "gamma", "men": "1s"}, ["1s"]]
)
def test_the_schema_refuses_what_cannot_be_read(form: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"start": form}, Container.model_json_schema())


def test_a_law_crosses_to_another_process_without_its_table() -> None:
    law = DURATIONS.validate_python({"p50": "12s", "p95": "30s"})
    law.quantile(0.3)
    sent = pickle.dumps(law)
    assert pickle.loads(sent) == law
    assert len(sent) < 1_000


def test_a_bare_quantity_is_a_constant_in_the_unit_of_its_field() -> None:
    assert DURATIONS.validate_python("12s") == Deterministic(value=12e9)
    assert SHARES.validate_python("5%") == Deterministic(value=0.05)
    assert TypeAdapter(NumberLaw).validate_python(3) == Deterministic(value=3.0)
    assert TypeAdapter(SizeLaw).validate_python("2kB") == Deterministic(value=2000.0)


def test_a_law_object_is_taken_as_it_is() -> None:
    law = Deterministic(value=1.0)
    assert Container(start=law).start is law


def test_a_share_law_is_written_as_its_author_wrote_it() -> None:
    form = {"p50": "3%", "p95": "40%"}
    assert SHARES.dump_python(SHARES.validate_python(form)) == form


@pytest.mark.parametrize(
    ("written", "place", "words"),
    [
        ("12", "", "cannot read '12' as a duration"),
        (12, "", "no unit of time"),
        ({"p50": "12s"}, "", "only one is given"),
        ({"mean": "1s", "p50": "12s", "p95": "13s"}, "", "3 are given"),
        ({"p50": "12s", "p95": "3s"}, "", "p95 must be greater than p50"),
        ({"p50": "12s", "p95": "3x"}, "p95", "cannot read '3x'"),
        ({"p0": "1s", "p50": "12s"}, "", "p0 is not between p0 and p100"),
        ({"p50": 0, "p95": "3s"}, "", "only values above 0"),
        ({"p49": "1ns", "p50": "900d"}, "", "too far apart"),
        ({"mean": "1s", "p95": "9s"}, "", "more than 3.87 times its mean"),
        ({"mean": "1s", "p50": "2s"}, "", "more than 1 times its mean"),
        ({"kind": "gama", "mean": "1s"}, "kind", "did you mean 'gamma'?"),
        ({"kind": "gamma", "mean": "1s"}, "", "one of cv and shape"),
        ({"kind": "gamma", "men": "1s"}, "men", "did you mean 'mean'?"),
        ({"kind": "gamma", "mean": 5, "cv": 1}, "mean", "no unit of time"),
        ({"kind": "exponential"}, "mean", "required"),
        ({"kind": "weibull", "shape": 2, "mean": "1s", "scale": "1s"}, "", "one of scale and mean"),
        ({"kind": "uniform", "low": "3s", "high": "1s"}, "", "swap them"),
        ({"kind": "empirical", "values": ["1s", "x"]}, "values.1", "cannot read 'x'"),
        ({"kind": "empirical", "values": []}, "values", "at least 1 item"),
        ({"kind": "empirical", "values": "1s"}, "values", "a list is needed"),
        ({"kind": "empirical", "values": ["1s"], "weights": [1, 2]}, "", "one weight per value"),
        ({"kind": "empirical", "values": ["1s"], "weights": [0]}, "", "all weights are 0"),
        ({"kind": "mixture", "of": [{"share": "90%", "law": "1s"}]}, "", "sum to 90 %"),
        ({"kind": "mixture", "of": [{"share": "90", "law": "1s"}]}, "of.0.share", "not between 0 % and 100 %"),
        (
            {"kind": "mixture", "of": [{"share": 1, "law": {"p50": "1s", "p95": "z"}}]},
            "of.0.law.p95",
            "cannot read 'z'",
        ),
        ({"kind": "mixture", "of": ["1s"]}, "of.0", "a share and a law"),
        ({"low": "1s"}, "", "low does not say which law"),
        ({}, "", "does not say which law"),
        (None, "", "an empty value"),
        (True, "", "true"),
        ({"kind": None}, "kind", "there is no law"),
    ],
    ids=str,
)
def test_a_law_that_cannot_be_read_says_where_and_why(written: Any, place: str, words: str) -> None:
    found = faults(DURATIONS, written)
    assert list(found) == [place]
    assert re.search(re.escape(words), found[place])


def test_all_faults_of_a_law_are_told_at_once() -> None:
    assert set(faults(DURATIONS, {"kind": "uniform", "low": "x", "high": 3, "mid": 1})) == {"low", "high", "mid"}


def test_reading_laws_loads_no_heavy_library() -> None:
    code = (
        "import sys; from pydantic import TypeAdapter; from sim.laws import DurationLaw; "
        "TypeAdapter(DurationLaw).validate_python({'kind': 'gamma', 'mean': '1s', 'cv': 2}).mean(); "
        "sys.exit(bool({'numpy', 'scipy', 'numba', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
