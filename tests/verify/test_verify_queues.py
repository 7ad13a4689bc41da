"""Law 6 at length: one pod is the queue that the textbooks solve."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from verify_truths import (
    WORK,
    Claim,
    Note,
    Sample,
    System,
    confirm,
    figures_of,
    mean_response,
    named,
    quantile_of_response,
    sample_for,
    share_rejected,
)

from sim.laws import Law
from sim.laws.deterministic import Deterministic
from sim.laws.exponential import Exponential
from sim.laws.gamma import Gamma
from sim.laws.lognormal import Lognormal
from sim.laws.mixture import Mixture, Part

pytestmark = pytest.mark.verify


def sample_of_rejections(share: float) -> Sample:
    """The rarer a rejection, the more is played and the less is known; they come in bursts."""
    if share >= 0.03:
        return sample_for(0.9)
    return replace(sample_for(1.0), widest=0.02 if share > 0.001 else 0.1)


def erlang(shape: int, mean: float) -> Law:
    """A sum of equal exponential phases."""
    return Gamma(mean=mean, shape=float(shape))


def hyperexponential(scv: float, mean: float) -> Law:
    """Two exponentials whose shares bring the same mean (balanced means)."""
    often = (1 + math.sqrt((scv - 1) / (scv + 1))) / 2
    parts = (Part(share=p, law=Exponential(mean=mean / 2 / p)) for p in (often, 1 - often))
    return Mixture(of=tuple(parts))


def law_named(word: str, mean: float) -> Law:
    """The law a reference figure names; of ``scv…`` only the first two moments matter."""
    if word == "D":
        return Deterministic(value=mean)
    if word == "M":
        return Exponential(mean=mean)
    if word.startswith("E"):
        return erlang(int(word[1:]), mean)
    if word.startswith("H2_scv4"):
        return hyperexponential(4.0, mean)
    assert word == "scv10"
    return Gamma(mean=mean, cv=math.sqrt(10.0))


@pytest.mark.parametrize("row", named(figures_of("mmc"), "c", "rho"))
def test_mean_response_of_mmc_is_erlang_c(row: dict[str, Any], record_property: Note) -> None:
    system, sample = System(rate=row["rho"] * row["c"], servers=row["c"]), sample_for(row["rho"])
    claim = Claim(
        group="M/M/c: mean response (Erlang C)", case=f"c = {row['c']}, load {row['rho']:.3g}", truth=row["T"]
    )
    confirm(record_property, claim, sample.values(system, [mean_response])[:, 0], sample)


@pytest.mark.parametrize("row", named(figures_of("mmc_response_quantiles"), "c", "rho"))
def test_quantiles_of_the_response_of_mmc_are_those_of_wait_plus_service(
    row: dict[str, Any], record_property: Note
) -> None:
    system, sample = System(rate=row["rho"] * row["c"], servers=row["c"]), sample_for(row["rho"])
    wanted = {float(probability): truth for probability, truth in row["T_quantiles"].items()}
    values = sample.values(system, [quantile_of_response(probability) for probability in wanted])
    for place, (probability, truth) in enumerate(wanted.items()):
        case = f"c = {row['c']}, load {row['rho']:.3g}, {100 * probability:g} %"
        claim = Claim(group="M/M/c: quantiles of the response", case=case, truth=truth)
        confirm(record_property, claim, values[:, place], replace(sample, widest=0.01 if probability < 0.99 else 0.03))


WORKS_AT = [
    row for row in figures_of("mg1_fcfs") if row["rho"] in (0.5, 0.8, 0.9) and row["service"] not in ("M", "E2")
]


@pytest.mark.parametrize("row", named(WORKS_AT, "rho", "service"))
def test_mean_response_of_mg1_is_pollaczek_khinchine(row: dict[str, Any], record_property: Note) -> None:
    system = System(rate=row["rho"], work=law_named(row["service"], float(WORK)))
    sample = sample_for(row["rho"] if row["scv"] < 4 else 1.0)
    # at a load of 90 % and a squared coefficient of variation of 10 even sixty runs leave more than 1 %
    sample = replace(sample, widest=0.01 if row["scv"] < 4 else 0.03)
    claim = Claim(
        group="M/G/1: mean response (Pollaczek–Khinchine)",
        case=f"{row['service']} (scv {row['scv']:g}), load {row['rho']}",
        truth=row["T"],
    )
    confirm(record_property, claim, sample.values(system, [mean_response])[:, 0], sample)


@pytest.mark.parametrize("row", named(figures_of("mdc"), "c", "rho"))
def test_mean_response_of_mdc_is_crommelins(row: dict[str, Any], record_property: Note) -> None:
    system = System(rate=row["rho"] * row["c"], servers=row["c"], work=Deterministic(value=float(WORK)))
    sample = sample_for(row["rho"])
    claim = Claim(
        group="M/D/c: mean response (Crommelin)", case=f"c = {row['c']}, load {row['rho']}", truth=1 + row["Wq"]
    )
    confirm(record_property, claim, sample.values(system, [mean_response])[:, 0], sample)


GAPS_AT = [
    row
    for row in figures_of("gim1")
    if row["rho"] in (0.5, 0.8, 0.9) and row["arrivals"] in ("D", "E2", "E5", "H2_scv4_balanced")
]


@pytest.mark.parametrize("row", named(GAPS_AT, "rho", "arrivals"))
def test_mean_response_of_gim1_is_the_root_of_its_transform(row: dict[str, Any], record_property: Note) -> None:
    system = System(rate=row["rho"], gap=law_named(row["arrivals"], 1.0))
    sample = sample_for(row["rho"])
    claim = Claim(group="GI/M/1: mean response", case=f"gaps {row['arrivals']}, load {row['rho']}", truth=row["T"])
    confirm(record_property, claim, sample.values(system, [mean_response])[:, 0], sample)


@pytest.mark.parametrize("row", named(figures_of("erlang_b"), "c", "a"))
def test_share_rejected_without_a_queue_is_erlang_b(row: dict[str, Any], record_property: Note) -> None:
    system = System(rate=float(row["a"]), servers=row["c"], queue=0)
    claim = Claim(
        group="M/M/c/c: share rejected (Erlang B)", case=f"c = {row['c']}, offered {row['a']}", truth=row["B"]
    )
    sample = sample_of_rejections(row["B"])
    confirm(record_property, claim, sample.values(system, [share_rejected])[:, 0], sample)


WORKS: dict[str, Law] = {
    "constant": Deterministic(value=float(WORK)),
    "lognormal": Lognormal(mean=float(WORK), percentiles=((0.95, 3.0 * WORK),)),
    "two exponentials": hyperexponential(4.0, float(WORK)),
}


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("row", named(figures_of("mgc_c_loss_insensitive"), "c", "a"))
def test_share_rejected_without_a_queue_is_erlang_b_for_any_work(
    row: dict[str, Any], work: str, record_property: Note
) -> None:
    system = System(rate=float(row["a"]), servers=row["c"], queue=0, work=WORKS[work])
    claim = Claim(
        group="M/G/c/c: share rejected (insensitivity)",
        case=f"{work} work, c = {row['c']}, offered {row['a']}",
        truth=row["B"],
    )
    sample = sample_of_rejections(row["B"])
    confirm(record_property, claim, sample.values(system, [share_rejected])[:, 0], sample)


@pytest.mark.parametrize("row", named(figures_of("mmcK"), "c", "K", "lambda"))
def test_mmck_rejects_and_delays_as_the_birth_death_chain(row: dict[str, Any], record_property: Note) -> None:
    servers, places = row["c"], row["K"]
    system = System(rate=row["lambda"], servers=servers, queue=places - servers)
    sample = sample_of_rejections(row["P_block"])
    values = sample.values(system, [share_rejected, mean_response])
    case = f"c = {servers}, {places} places, offered {row['lambda']}"
    claims = (
        Claim(group="M/M/c/K: share rejected", case=case, truth=row["P_block"]),
        Claim(group="M/M/c/K: mean response of the admitted", case=case, truth=1 + row["Wq_accepted"]),
    )
    for place, claim in enumerate(claims):
        confirm(record_property, claim, values[:, place], sample)
