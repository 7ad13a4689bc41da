"""The whole of scenario format 1, as a person writes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from sim.scenario.model.parts import KindOf
from sim.scenario.model.prices import Prices
from sim.scenario.model.release import Condition, OnCall, Release
from sim.scenario.model.review import Review
from sim.scenario.model.service import Dependency, Nodes, Service
from sim.scenario.model.study import SLO, Expectation, Study
from sim.scenario.model.traffic import Observed, Telemetry, Traffic

FORMAT = 1

IDLE: tuple[str, ...] = ()
"""Sections that are reserved and kept, and have no effect yet."""


def _none_is_written(written: Any) -> Any:
    if written is None:
        raise ValueError("is empty; write 'oncall: none' if nobody is on call")
    return None if written == "none" else written


class _NoneIsAWord:
    """In the schema, ``none`` stands where Python has None."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The section, or the word."""
        forms = [form for form in handler(schema)["anyOf"] if form.get("type") != "null"]
        return {"anyOf": [*forms, {"const": "none"}]}


class Written(BaseModel):
    """A scenario as written; sections can be validated one by one by assignment."""

    model_config = ConfigDict(extra="forbid", validate_default=True, validate_assignment=True, strict=True)

    rollrisk: Literal[1] = Field(description="version of the scenario format")
    name: str | None = Field(default=None, description="what the report is called; the file's name if left out")
    question: str = Field(default="", description="the question this scenario answers")
    extends: str | None = Field(default=None, description="a file with what several services share")
    service: Service = Field(description="what runs today, and is released")
    nodes: Nodes = Field(description="the nodes it runs on")
    dependencies: dict[str, Dependency] = Field(
        default_factory=dict, description="what all pods share and call, as a database, by name"
    )
    traffic: Traffic = Field(description="who asks, and how much when")
    observed: Observed | None = Field(
        default=None, description="today's dashboard, which the model must reproduce first"
    )
    conditions: dict[str, Condition] = Field(
        default_factory=dict,
        description="what happens meanwhile, release or not: a node lost, a surge, an outage; by name",
    )
    release: Release = Field(description="what is released, how often it is bad, and in which ways")
    oncall: Annotated[OnCall | None, BeforeValidator(_none_is_written), _NoneIsAWord] = Field(
        description="who is paged; write none if nobody is"
    )
    telemetry: Telemetry = Field(default=Telemetry(), description="how metrics reach those who judge")
    gates: dict[str, Annotated[Any, KindOf("gates")]] = Field(
        default_factory=dict, description="automatic judges of a release by name, for strategies to use"
    )
    strategies: dict[str, Annotated[Any, KindOf("strategies")]] = Field(
        min_length=1, description="the rollout strategies that are compared, by name"
    )
    slo: SLO = Field(default=SLO(), description="the service level objective, and its error budget")
    prices: Prices | None = Field(
        default=None, description="what failures, downtime, pods and delay cost; nothing is priced if left out"
    )
    review: Review | None = Field(default=None, description="what a capacity review asks about")
    study: Study = Field(
        default=Study(), description="how long each release is watched, and how precisely the answer is wanted"
    )
    expect: list[Expectation] = Field(
        default_factory=list, description="bounds that the answer must keep, for pipelines"
    )
    guesses: dict[str, str] | None = Field(
        default=None,
        description="values above that nobody has measured, each by its path with the reason for it; plan and the "
        "report name them first",
    )
