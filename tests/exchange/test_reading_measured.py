"""What each tool writes is read for what it means; what cannot be read says why, with its line."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
from measured_data import (
    PLANTED,
    START,
    answer,
    buckets,
    log_line,
    measured,
    point,
    samples,
    shop,
    single,
    web,
    windows,
)

from sim.errors import ScenarioError
from sim.exchange.measured.data import ALL, Measured

MS = 10**6


def refused(text: str, **asked: object) -> str:
    with pytest.raises(ScenarioError) as error:
        measured(text, web(**asked))
    return str(error.value)


class TestPrometheus:
    def test_counters_become_what_they_grew_by_and_a_restart_begins_anew(self) -> None:
        found = windows(measured(answer(samples([100, 160, 250, 20, 80], name="http_requests_total", code="200"))))
        assert found.requests.tolist() == [60, 90, 20, 60]
        assert found.lasts.tolist() == [60 * 10**9] * 4
        assert found.began[0] == START * 10**9

    def test_failures_are_told_by_the_status_label(self) -> None:
        good = samples([0, 90, 180], name="http_requests_total", code="200")
        absent = samples([0, 5, 10], name="http_requests_total", code="404")
        bad = samples([0, 5, 15], name="http_requests_total", code="503")
        found = windows(measured(answer(good, absent, bad)))
        assert found.requests.tolist() == [100, 105]
        assert found.failed is not None
        assert found.failed.tolist() == [5, 10]

    def test_where_a_label_tells_failures_none_means_none(self) -> None:
        found = windows(measured(answer(samples([0, 90, 180], name="http_requests_total", code="200"))))
        assert found.failures is not None
        assert found.failures.tolist() == [0, 0]

    def test_without_such_a_label_failures_are_not_known(self) -> None:
        assert windows(measured(answer(samples([0, 9, 18], name="http_requests_total")))).failures is None

    def test_a_sample_that_is_nan_is_no_sample(self) -> None:
        found = windows(measured(answer(samples([0, "NaN", 120], name="http_requests_total"))))
        assert found.requests.tolist() == [60, 60]

    def test_a_pod_that_comes_and_goes_is_added_while_it_is_there(self) -> None:
        one = samples([0, 60, 120, 180], name="http_requests_total", pod="a")
        other = samples([0, 60, 120, 180], name="http_requests_total", pod="b")
        other["values"] = other["values"][2:]
        assert windows(measured(answer(one, other))).requests.tolist() == [60, 60, 120]

    def test_rates_without_a_name_need_to_be_told(self) -> None:
        text = answer(samples([1.0, 2.0, 4.0]))
        assert "say, " in refused(text)
        assert windows(measured(text, web(meaning="requests"))).requests.tolist() == [60, 120, 240]

    def test_rates_by_status_are_requests(self) -> None:
        found = windows(measured(answer(samples([9.0, 9.0], code="200"), samples([1.0, 0.0], code="500"))))
        assert found.requests.tolist() == [600, 540]
        assert found.failures is not None
        assert found.failures.tolist() == [60, 0]

    def test_a_share_of_errors_counts_with_the_requests_of_another_file(self) -> None:
        found = windows(measured(answer(samples([0.01, 0.02])), web(meaning="error_ratio")))
        assert found.failing is not None
        assert found.failing.tolist() == [0.01, 0.02]

    def test_classic_buckets_become_counts_per_bucket_in_nanoseconds(self) -> None:
        found = windows(measured(answer(*buckets([[10, 5, 1], [20, 4, 0]], ["0.1", "0.5", "+Inf"]))))
        assert found.bounds is not None
        assert found.counts is not None
        assert found.bounds.tolist() == [100 * MS, 500 * MS, math.inf]
        assert found.counts.tolist() == [[10, 5, 1], [20, 4, 0]]
        assert found.requests.tolist() == [16, 24]

    def test_latencies_of_failed_ones_are_left_out_but_counted(self) -> None:
        good = buckets([[10, 5]], ["0.1", "+Inf"], code="200")
        bad = buckets([[3, 1]], ["0.1", "+Inf"], code="500")
        found = windows(measured(answer(*good, *bad)))
        assert found.counts is not None
        assert found.failures is not None
        assert (found.counts.tolist(), found.requests.tolist(), found.failures.tolist()) == ([[10, 5]], [19], [4])

    @pytest.mark.parametrize(("name", "unit"), [("istio_request_duration_milliseconds", 1), ("x_seconds", 1000)])
    def test_the_unit_of_buckets_is_in_the_name(self, name: str, unit: int) -> None:
        found = windows(measured(answer(*buckets([[1, 1]], ["10", "+Inf"], name=name))))
        assert found.bounds is not None
        assert found.bounds[0] == 10 * unit * MS

    def test_native_histograms_of_two_resolutions_share_the_coarser_one(self) -> None:
        fine = {"count": "5", "sum": "1", "buckets": [[0, "0.5", "0.7", "3"], [0, "0.7", "1", "2"]]}
        coarse = {"count": "7", "sum": "1", "buckets": [[0, "0.5", "1", "6"], [0, "1", "2", "1"]]}
        name = {"__name__": "http_request_duration_seconds"}
        series = {"metric": name, "histograms": [[START, fine], [START + 15, coarse]]}
        found = windows(measured(answer(series)))
        assert found.bounds is not None
        assert found.counts is not None
        assert found.bounds.tolist() == [500 * MS, 1000 * MS, 2000 * MS, math.inf]
        assert found.counts.tolist() == [[0, 1, 1, 0]]

    def test_an_instant_query_has_latencies_and_no_rate(self) -> None:
        series = [
            {"metric": {"__name__": "a_seconds_bucket", "le": end}, "value": [START, str(count)]}
            for end, count in (("0.1", 40), ("+Inf", 50))
        ]
        found = measured(answer(*series, kind="vector"))
        assert windows(found).requests.tolist() == [50]
        assert np.isnan(windows(found).rate).all()
        assert any("query_range" in lost for lost in found.lost)

    def test_pods_starts_are_from_start_to_ready(self) -> None:
        names = (("kube_pod_start_time", 100.0), ("kube_pod_status_ready_time", 112.5))
        series = [{"metric": {"__name__": name, "pod": "a"}, "value": [START, str(at)]} for name, at in names]
        assert measured(answer(*series, kind="vector")).starts == (12.5,)

    def test_streams_are_told_apart_by_a_label(self) -> None:
        browse = samples([0, 60], name="http_requests_total", handler="/browse", instance="10.0.0.1")
        pay = samples([0, 6], name="http_requests_total", handler="/api/pay", instance="10.0.0.1")
        found = measured(answer(browse, pay), shop())
        assert (windows(found, "browse").requests[0], windows(found, "pay").requests[0]) == (60, 6)

    def test_what_belongs_to_no_stream_is_counted_and_said(self) -> None:
        browse = samples([0, 60], name="http_requests_total", handler="/browse")
        other = samples([0, 6], name="http_requests_total", handler=PLANTED)
        found = measured(answer(browse, other), shop())
        assert any("1 series belong to no stream" in lost and "--stream" in lost for lost in found.lost)

    def test_a_sum_over_all_is_of_the_whole_service(self) -> None:
        found = measured(answer(samples([2.0, 2.0])), shop(meaning="requests"))
        assert [each.stream for each in found.series] == [ALL]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('{"status": "error", "errorType": "bad_data", "error": "x"}', "is an error of Prometheus (bad_data)"),
            ('{"status": "success", "data": {"resultType": "matrix", "result": []}}', "matched no series"),
            ('{"status": "success", "data": {"resultType": "scalar", "result": [1, "2"]}}', "without series"),
            (
                '{"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "values": [1]}]}}',
                "pair",
            ),
            ('{"status": "success", "data": {"resultType"', "line 1"),
        ],
    )
    def test_what_cannot_be_used_says_why(self, text: str, told: str) -> None:
        assert told in refused(text)


TREND = {"avg": 30.0, "min": 1.0, "med": 25.0, "max": 900.0, "p(90)": 60.0, "p(95)": 80.0}
LEGACY = {"metrics": {"http_reqs": {"count": 600, "rate": 10.0}, "http_req_duration": TREND,
          "http_req_failed": {"passes": 6, "fails": 594, "value": 0.01}}}  # fmt: skip
HANDLED = {
    "state": {"testRunDurationMs": 60000.0},
    "metrics": {
        "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 600, "rate": 10.0}},
        "http_req_duration": {"type": "trend", "contains": "time", "values": TREND},
        "http_req_failed": {"type": "rate", "contains": "default", "values": {"rate": 0.01, "passes": 6, "fails": 594}},
    },
}
RATE = {"matches": 6, "rate": 0.01, "total": 600}
MACHINE = {
    "version": "1.0.0",
    "config": {"duration": 60.0, "execution": "local", "script": "x.js"},
    "results": {
        "metrics": [
            {"name": "http_reqs", "type": "counter", "contains": "default", "values": {"count": 600}},
            {"name": "http_req_duration", "type": "trend", "contains": "time", "values": TREND},
            {
                "name": "http_req_failed",
                "type": "rate",
                "contains": "default",
                "values": {"matches": 6, "rate": 0.01, "total": 600},
            },
        ]
    },
}


class TestK6:
    @pytest.mark.parametrize(
        "document", [LEGACY, HANDLED, MACHINE], ids=["export", "handleSummary", "machine-readable"]
    )
    def test_each_shape_of_the_summary_says_the_same(self, document: dict[str, object]) -> None:
        found = measured(json.dumps(document, indent=1))
        window = windows(found)
        assert (window.requests[0], window.lasts[0], window.rate[0]) == (600, 60 * 10**9, 10)
        assert window.failures is not None
        assert window.failures[0] == pytest.approx(6)
        assert {share: each[0] for share, each in window.quantiles.items()} == {
            0.5: 25 * MS,
            0.9: 60 * MS,
            0.95: 80 * MS,
        }
        assert found.load_test

    def test_points_began_before_they_were_told(self) -> None:
        found = single(
            measured("\n".join([point(1.0, 250.0), point(2.0, 100.0, status="503"), point(3.0, 5, status="0")]))
        )
        assert (found.began - START * 10**9).tolist() == [750 * MS, 1900 * MS, 2995 * MS]
        assert found.took.tolist() == [250 * MS, 100 * MS, 5 * MS]
        assert found.failed is not None
        assert found.failed.tolist() == [False, True, True]

    def test_rows_of_csv_say_the_same(self) -> None:
        text = (
            "metric_name,timestamp,metric_value,check,error,name,status,extra_tags,metadata\n"
            f"http_reqs,{START},1.000000,,,http://x/pay,200,,\n"
            f"http_req_duration,{START},250.000000,,,http://x/pay,200,,\n"
            f"http_req_duration,{START + 1},100.000000,,,http://x/pay,502,,\n"
        )
        found = single(measured(text))
        assert found.took.tolist() == [250 * MS, 100 * MS]
        assert found.failed is not None
        assert found.failed.tolist() == [False, True]

    def test_a_broken_line_is_named(self) -> None:
        assert "line 2" in refused(point(1.0, 5.0) + '\n{"type":"Point","metric":"http_req_duration"}')


class TestAccessLogs:
    def test_a_request_began_before_its_line_was_written(self) -> None:
        found = single(measured("\n".join([log_line(1), log_line(2, status=502, took="1.000")])))
        assert (found.began - START * 10**9).tolist() == [877 * MS, 1000 * MS]
        assert found.took.tolist() == [123 * MS, 1000 * MS]
        assert found.failed is not None
        assert found.failed.tolist() == [False, True]

    @pytest.mark.parametrize(
        ("behind", "nanoseconds"),
        [
            ('"-" "Mozilla/5.0 (X11; rv:1.5)" 0.250', 250 * MS),
            ('"-" "curl" rt=0.250 uct="0.001" urt="0.249"', 250 * MS),
            ('"-" "curl" 250000', 250 * MS),  # Apache's %D
            ('"-" "curl" 417 0.250 [shop-web-80] [] 10.0.0.4:8080 512 0.249 200 5f1a', 250 * MS),  # ingress-nginx
            ('"-" "curl" 12 "web@docker" "http://10.0.0.4:80" 250ms', 250 * MS),  # Traefik
            ("0.250", 250 * MS),  # Common, with a time behind it
        ],
    )
    def test_the_time_is_found_wherever_servers_write_it(self, behind: str, nanoseconds: float) -> None:
        line = f'203.0.113.7 - - [02/Mar/2026:12:00:00 +0000] "GET /pay HTTP/1.1" 200 512 {behind}'
        assert single(measured(line)).took.tolist() == [nanoseconds]

    def test_whole_numbers_may_be_said_to_be_milliseconds(self) -> None:
        line = '203.0.113.7 - - [02/Mar/2026:12:00:00 +0000] "GET /pay HTTP/1.1" 200 512 "-" "curl" 250'
        assert single(measured(line, web(unit="ms"))).took.tolist() == [250 * MS]

    def test_a_log_without_times_says_how_to_get_them(self) -> None:
        line = '203.0.113.7 - - [02/Mar/2026:12:00:00 +0000] "GET /pay HTTP/1.1" 200 512 "-" "curl/8.1"'
        found = measured(line)
        assert np.isnan(single(found).took).all()
        assert any("$request_time" in lost for lost in found.lost)

    def test_a_request_with_a_quote_in_it_is_read(self) -> None:
        line = '203.0.113.7 - - [02/Mar/2026:12:00:00 +0000] "GET /pay?q=\\"x\\" HTTP/1.1" 500 512 "-" "curl" 0.2'
        found = single(measured(line)).failed
        assert found is not None
        assert found.tolist() == [True]

    def test_few_strange_lines_are_counted_and_many_refuse_the_file(self) -> None:
        lines = [log_line(at) for at in range(40)]
        assert any("1 lines are none" in lost for lost in measured("\n".join([*lines, "strange"])).lost)
        assert "line 41" in refused("\n".join([*lines, *["strange"] * 9]))

    def test_json_lines_are_read_by_the_names_of_their_keys(self) -> None:
        nginx = {"time_iso8601": "2026-03-02T12:00:01+00:00", "request_time": 0.25, "status": "504", "uri": "/pay"}
        envoy = {"start_time": "2026-03-02T12:00:00.750Z", "duration": 250, "response_code": 504, "path": "/pay"}
        begun = {"StartUTC": "2026-03-02T12:00:00.750Z", "Duration": 250 * MS}
        traefik = begun | {"DownstreamStatus": 504, "RequestPath": "/pay"}
        caddy = {"ts": START + 1.0, "duration": 0.25, "status": 504, "request": {"uri": "/pay", "remote_ip": PLANTED}}
        for line in (nginx, envoy, traefik, caddy):
            found = single(measured(json.dumps(line) + "\n" + json.dumps(line)))
            assert found.failed is not None
            assert (found.began[0] - START * 10**9, found.took[0], found.failed[0]) == (750 * MS, 250 * MS, True), line


class TestTables:
    def test_a_row_per_request_with_units_in_the_names(self) -> None:
        found = single(measured(f"ts,latency_ms,status\n{START + 1},250,200\n{START + 2},100,503\n"))
        assert (found.began - START * 10**9).tolist() == [750 * MS, 1900 * MS]
        assert found.failed is not None
        assert found.failed.tolist() == [False, True]

    def test_a_latency_without_a_unit_is_refused_until_it_is_said(self) -> None:
        text = f"ts,latency,status\n{START + 1},250,200\n"
        assert "--took-in" in refused(text)
        assert single(measured(text, web(unit="ms"))).took.tolist() == [250 * MS]

    def test_a_row_per_interval_with_errors_and_percentiles(self) -> None:
        text = f"time,requests,errors,p95_ms\n{START},600,3,80\n{START + 60},1200,0,90\n"
        found = windows(measured(text))
        assert found.requests.tolist() == [600, 1200]
        assert found.failures is not None
        assert found.failures.tolist() == [3, 0]
        assert found.quantiles[0.95].tolist() == [80 * MS, 90 * MS]
        assert found.lasts.tolist() == [60 * 10**9] * 2

    def test_columns_of_other_names_are_said(self) -> None:
        text = f"when,n\n{START},600\n{START + 60},1200\n"
        asked = web(columns={"requests": "n"})
        assert windows(measured(text, asked)).requests.tolist() == [600, 1200]

    def test_a_column_of_values_takes_the_meaning_it_is_given(self) -> None:
        text = f"timestamp,value\n{START},10\n{START + 60},20\n"
        assert windows(measured(text, web(meaning="requests"))).requests.tolist() == [600, 1200]

    def test_parquet_says_the_same_as_csv(self) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        columns = {"ts": [START + 1, START + 2], "latency_ms": [250.0, 100.0], "status": [200, 503]}
        file = io.BytesIO()
        parquet.write_table(pyarrow.table(columns), file)
        found = single(measured(file.getvalue()))
        assert found.took.tolist() == [250 * MS, 100 * MS]
        assert found.failed is not None
        assert found.failed.tolist() == [False, True]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("a,b\n1,2\n", "no column of times"),
            (f"timestamp,value\n{START},5\n", "say which is meant"),
            (f"ts,latency_ms\n{START},fast\n", "line 2"),
            (f"ts,latency_ms,status\n{START},5,perhaps\n", "is no status"),
            (f"time,requests\n{START},5\n{START},6\n", "line 3"),
            ("", "is empty"),
        ],
    )
    def test_what_cannot_be_read_says_where_and_what_to_write(self, text: str, told: str) -> None:
        assert told in refused(text)


def test_nothing_secret_leaves_a_reader() -> None:
    label = samples([0, 60], name="http_requests_total", handler=f"/{PLANTED}")
    found: list[Measured] = [
        measured("\n".join([log_line(1), log_line(2, path=f"/{PLANTED}/reset")]), shop("pay=/api/pay*")),
        measured(answer(label, samples([0, 60], name="http_requests_total", handler="/pay")), shop()),
        measured("\n".join([point(1, 5), point(2, 5, name=f"http://{PLANTED}/x")]), shop("pay=*/pay*")),
        measured(
            json.dumps({"ts": START, "duration_ms": 5, "status": 200, "remote": PLANTED, "uri": f"/pay/{PLANTED}"})
            + "\n"
        ),
    ]
    for each in found:
        assert PLANTED not in repr((each.form, each.said, each.lost, [part.stream for part in each.series]))


@pytest.mark.parametrize(
    "text",
    [
        f"ts,latency_ms,status\n{START},{PLANTED},200\n",
        f"ts,latency_ms,status\n{PLANTED},5,200\n",
        f"ts,latency_ms,status\n{START},5,{PLANTED}\n",
        f"{log_line(1)}\n{PLANTED}\n{PLANTED}\n",
        '{"status": "error", "errorType": "hunter2 x", "error": "hunter2"}'.replace("hunter2 x", "bad"),
        f"{point(1, 5)}\n" + '{"type":"Point","metric":"http_req_duration","data":"hunter2"}',
    ],
)
def test_nothing_secret_stands_in_a_message(text: str) -> None:
    assert PLANTED not in refused(text)
