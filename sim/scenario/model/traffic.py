"""``traffic``, ``observed`` and ``telemetry``: who asks how much when, what today looks like, and how it is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from sim import units
from sim.allowed import counting, measuring
from sim.arrivals.replay import WHERE
from sim.laws import DurationLaw
from sim.quantities import Count, Duration, Period, Rate, Share, default
from sim.scenario.model.long_lived import LongLived
from sim.scenario.model.parts import DurationOrNone, KindOf, Part
from sim.scenario.model.proxies import Connections
from sim.scenario.model.retries import Retriers
from sim.scenario.model.telemetry import Noise, Stale


class Users(Part):
    """Who makes the requests."""

    count: Annotated[Count, Field(ge=1), counting(1, 100_000_000, "who was hit is kept for each")] = default(
        10_000, origin="a guess, used to count users hit", trust="low", means="users among whom the requests are spread"
    )
    skew: Annotated[
        float, Field(strict=False), measuring(0, 0.999, "the rule by which a user is drawn needs less than 1")
    ] = default(
        0,
        origin="all users equally active; Zipf's exponent otherwise",
        trust="low",
        means="how unevenly users ask: Zipf's exponent, 0 for all alike",
    )
    sticky: bool = default(
        False,
        origin="each request is routed by itself",
        trust="medium",
        means="whether a user stays on one version while a canary's weight is unchanged",
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """The share of peak traffic over time: points (ns, share), straight in between and level outside."""

    points: tuple[tuple[int, float], ...]

    @classmethod
    def read(cls, written: Any) -> Profile:
        """From ``{0m: 70%, 30m: 100%}``; raises ValueError with the key at fault."""
        if isinstance(written, Profile):
            return written
        if not isinstance(written, Mapping) or not written:
            raise ValueError("write times and shares of the peak, as {0m: 70%, 30m: 100%}, or {file: …, column: …}")
        points: dict[int, float] = {}
        faults: list[InitErrorDetails] = []
        for key, value in written.items():
            try:
                when = units.duration(0 if key == "0" else key)
                if when in points:
                    raise ValueError(f"{key} names a time that was given before")
                points[when] = units.share(value)
            except ValueError as error:
                kind = PydanticCustomError("profile", str(error))
                faults.append(InitErrorDetails(type=kind, loc=(key,), input=value))
        if faults:
            raise ValidationError.from_exception_data("profile", faults)
        return cls(tuple(sorted(points.items())))

    def written(self) -> dict[str, str]:
        """As a person writes it, earliest first."""
        return {units.show_duration(when): units.write_share(value) for when, value in self.points}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Reads a mapping, writes a mapping."""
        write = core_schema.plain_serializer_function_ser_schema(lambda value: value.written())
        return core_schema.no_info_plain_validator_function(cls.read, serialization=write)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Times to shares, or a file of counts."""
        words = {
            "file": "path of a file of counts, CSV or Parquet, beside the scenario",
            "column": "its column of counts; each becomes a share of the largest",
            "at": "its column of times: seconds, ms, us or ns since 1970, seconds from the start, durations, ISO 8601 "
            "or the form of access logs; the first row is the moment of the release",
            "every": "how far apart its rows are, as 5m, where it has no column of times",
        }
        file: dict[str, Any] = {name: {"type": "string", "description": told} for name, told in words.items()}
        file["where"] = WHERE
        share = {
            "type": ["string", "number"],
            "description": "share of the peak at this time. Allowed: 0% to 100%, or 0 to 1 (a part of the peak)",
        }
        times = {"^[0-9.dhmsu]+$": share}
        closed = {"type": "object", "additionalProperties": False}
        from_file = closed | {"properties": file, "required": ["file", "column"]}
        return {"anyOf": [closed | {"patternProperties": times}, from_file]}


class Stream(Part):
    """One class of requests."""

    peak: Rate | None = Field(
        default=None, description="requests per second at 100 % of the profile; not of a closed loop or a recording"
    )
    arrivals: Annotated[Any, KindOf("arrivals")] = default(
        "poisson", origin="independent users; real traffic is often burstier", trust="low", means="how requests arrive"
    )
    work: DurationLaw = Field(description="time a free slot needs for one request")
    timeout: DurationOrNone = default(
        "none",
        origin="clients wait for ever",
        trust="low",
        means="how long a client waits for an answer, for each of its tries, or for all where retries say "
        "per_try; none for ever",
    )
    retries: Annotated[Any, Retriers()] = default(
        "none", origin="clients do not try again", trust="medium", means="whether and how clients and proxies try again"
    )
    long_lived: LongLived | None = Field(
        default=None, description="connections that stay open after their work, the handshake; if left out, requests"
    )
    calls: dict[str, Annotated[int, counting(0, 200, "each call is played")]] = Field(
        default_factory=dict, max_length=1, description="calls per request to a dependency of bounded concurrency"
    )

    @model_validator(mode="after")
    def _has_a_rate(self) -> Stream:
        own = self.arrivals.rate(self.work.mean())
        if own is None and self.peak is None:
            raise ValidationError.from_exception_data(
                "Stream", [InitErrorDetails(type="missing", loc=("peak",), input=None)]
            )
        if own is not None and self.peak is not None:
            message = f"how often requests come is decided by arrivals of kind {self.arrivals.kind}; leave peak out"
            kind = PydanticCustomError("peak", message)
            raise ValidationError.from_exception_data(
                "Stream", [InitErrorDetails(type=kind, loc=("peak",), input=self.peak)]
            )
        return self

    @model_validator(mode="after")
    def _long_lived_ones_are_made_again_by_their_own_rule(self) -> Stream:
        if self.long_lived is not None:
            if self.arrivals.population():
                message = "long-lived connections come from outside; write peak, and leave closed arrivals out"
                kind = PydanticCustomError("arrivals", message)
                raise ValidationError.from_exception_data(
                    "Stream", [InitErrorDetails(type=kind, loc=("arrivals",), input=self.arrivals)]
                )
            if "retries" in self.model_fields_set and getattr(self.retries, "kind", "") != "none":
                kind = PydanticCustomError("retries", "a long-lived connection is made again by long_lived.reconnect")
                raise ValidationError.from_exception_data(
                    "Stream", [InitErrorDetails(type=kind, loc=("retries",), input=self.retries)]
                )
        return self

    @property
    def rate(self) -> float:
        """Requests per second at 100 % of the profile, or as the arrivals decide."""
        own: float | None = self.arrivals.rate(self.work.mean())
        return own if own is not None else float(self.peak or 0.0)


class Traffic(Part):
    """Who asks, and how much when."""

    users: Users = Field(default=Users(), description="who makes the requests")
    connections: Connections | None = Field(
        default=None, description="that clients hold open; if left out, a proxy balances each request by itself"
    )
    on_client_gone: Literal["work", "leave_queue", "cancel"] = default(
        "work",
        origin="a server seldom learns that its client has left",
        trust="medium",
        means="what a pod does with a request whose client has left: work it all the same, drop it from "
        "the queue, or stop work on it too",
    )
    profile: Profile = default(
        {"0m": "100%"},
        origin="traffic stays at its peak throughout",
        trust="low",
        means="share of the peak over the time since the release, straight in between; or a file of counts",
    )
    streams: dict[str, Stream] = Field(min_length=1, description="classes of requests by name")


class Observed(Part):
    """Today's dashboard, which the model must first reproduce."""

    at: Rate | None = Field(default=None, description="requests per second of these figures")
    success: Share | None = Field(default=None, description="share of requests that succeed today")
    p50: Duration | None = Field(default=None, description="median latency today")
    p95: Duration | None = Field(default=None, description="95th percentile of latency today")
    p99: Duration | None = Field(default=None, description="99th percentile of latency today")


class Telemetry(Part):
    """How metrics reach those who judge."""

    scrape: Period = default(
        "15s", origin="a common Prometheus scrape interval", trust="medium", means="time between two scrapes of a pod"
    )
    delay: Duration = default(
        "5s",
        origin="ingestion of a scrape",
        trust="low",
        means="time until a scrape can be queried, for gates and people alike",
    )
    missing: Share = default(0, origin="every scrape is there", trust="low", means="share of scrapes that are missing")
    stale: Stale | None = Field(default=None, description="old answers now and then; none if left out")
    noise: Noise | None = Field(default=None, description="swings around the truth; none if left out")

    @field_validator("missing")
    @classmethod
    def _some_are_there(cls, missing: float) -> float:
        if missing >= 1.0:
            raise ValueError("must be below 100 %; where nothing is scraped, write the condition metrics_outage")
        return missing
