"""Which requests failed, by what logs and metrics call it."""

from __future__ import annotations

import re

RULE = "answers 5xx and requests without an answer count as failed, 4xx do not"

GOOD_WORDS = frozenset(["ok", "true", "success", "successful", "passed", "pass", "good", "succeeded"])
BAD_WORDS = frozenset(["false", "fail", "failed", "failure", "error", "timeout", "bad", "ko"])
GRPC_BAD = frozenset(
    [
        *("unknown", "deadlineexceeded", "resourceexhausted", "internal", "unavailable", "dataloss", "aborted"),
        *("2", "4", "8", "10", "13", "14", "15"),
    ]
)
"""Codes of gRPC that are the server's fault; google.golang.org/grpc/codes."""
STATUS_LABELS = (
    "code", "status", "status_code", "statuscode", "http_status", "http_status_code", "http_response_status_code",
    "response_code", "http_code", "status_class", "response_class", "code_class",
)  # fmt: skip
GRPC_LABELS = ("grpc_code", "grpc_status", "grpc_response_status", "rpc_grpc_status_code")


def failed(status: str) -> bool | None:
    """Whether an answer with this status failed; None where the text is none.

    >>> failed("503"), failed("404"), failed("5xx"), failed("0"), failed("-"), failed("OK")
    (True, False, True, True, None, False)
    """
    text = status.strip().strip('"').lower()
    if re.fullmatch(r"-?\d+(\.0+)?", text):
        number = int(float(text))
        return number >= 500 or number <= 0
    if re.fullmatch(r"[1-5]xx", text):
        return text[0] == "5"
    if text in GOOD_WORDS or text in BAD_WORDS:
        return text in BAD_WORDS
    return None


def grpc_failed(code: str) -> bool:
    """Whether a code of gRPC, as a word or a number, is a failure of the server.

    >>> grpc_failed("OK"), grpc_failed("NotFound"), grpc_failed("DEADLINE_EXCEEDED"), grpc_failed("14")
    (False, False, True, True)
    """
    return re.sub(r"[^a-z0-9]", "", code.lower()) in GRPC_BAD
