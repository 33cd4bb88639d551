"""`./run bench scan`: its arithmetic, and that its parts do what the figures rest on."""

import itertools
import socket
import threading
from contextlib import suppress

import pytest

from livecode_admin.devstack.benches.scan import medians, round_of
from livecode_admin.devstack.benches.scan_load import (
    BrokenAnswer,
    Job,
    arrivals,
    closed,
    opened,
    requests,
    whole_length,
)
from livecode_admin.devstack.benches.scan_report import judge, markdown

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


def test_an_answer_is_whole_when_its_length_says_so() -> None:
    assert whole_length(b"HTTP/1.1 200 OK\r\ncontent-le") == 0
    assert whole_length(ANSWER) == len(ANSWER)
    with pytest.raises(BrokenAnswer, match="content-length"):
        whole_length(b"HTTP/1.1 200 OK\r\n\r\n")


def test_arrivals_keep_their_rate_and_are_the_same_in_every_run() -> None:
    moments = list(arrivals(500.0, 20.0))
    assert 9_700 < len(moments) < 10_300
    assert moments == sorted(moments) == list(arrivals(500.0, 20.0))
    assert max(moments) < 20.0


def test_scans_are_spread_over_all_paths_and_are_the_same_in_every_run() -> None:
    paths = [f"/c/{number}" for number in range(50)]
    asked = [request.split()[1].decode() for request in itertools.islice(requests(paths), 200)]
    assert asked == [request.split()[1].decode() for request in itertools.islice(requests(paths), 200)]
    assert len(set(asked)) > 40
    assert max(asked.count(path) for path in paths) < 20


def test_the_load_counts_what_a_server_answered() -> None:
    port = _server()
    outcome = closed(Job([port], ["/c/x"], seconds=0.2, warm_up=0.05, connections=4))
    assert outcome.answers == len(outcome.latencies) > 0
    assert (outcome.bad, outcome.size) == (0, len(ANSWER))
    paced = opened(Job([port], ["/c/x"], seconds=0.4, warm_up=0.0, connections=4, rate=200.0))
    assert paced.answers == len(list(arrivals(200.0, 0.4)))
    assert paced.unanswered == 0


def test_a_figure_is_the_median_of_its_rounds() -> None:
    rounds = [
        round_of({"rate": rate, "latencies": [rate / 100], "cpu": 0.1, "size": 5, "unanswered": 0})
        for rate in (300.0, 100.0, 200.0)
    ]
    middle = medians(rounds)
    assert (middle["rate"], middle["p99"]) == (200.0, 2.0)
    assert middle["rates"] == [300.0, 100.0, 200.0]


def test_goals_are_ratios_within_the_run() -> None:
    rate = {name: {"rate": value} for name, value in {"b": 8000.0, "c": 400.0, "d": 4100.0, "e": 8500.0}.items()}
    pace = {"b": {"p99": 2.0}, "d": {"p99": 9.0}}
    goals = {goal["goal"]: (goal["is"], goal["reached"]) for goal in judge({"rate": rate, "pace": pace})}
    assert goals == {
        "(d) to (e), the limit of the design": (0.48, False),
        "(d) to (b), Redis": (0.51, True),
        "(d) to (c), plain Django": (10.25, True),
        "p99 of (d) to that of (b) at 500/s": (4.5, False),
    }


def test_the_table_names_what_was_missed() -> None:
    row = {"rate": 1000.0, "p50": 1.0, "p99": 2.0, "load_cpu": 0.1}
    sections = {"seats": {"5 seats": row, "100 seats": row | {"rate": 500.0}}, "memory": {"edge": {"mb": 71.5}}}
    text = markdown({"goals": judge(sections), "sections": sections})
    assert "| 100 seats to 5 | ≥ 0.6 | 0.5 | **no** |" in text
    assert "| largest edge worker | < 100 MB | 71.5 | yes |" in text
    assert "| 100 seats | 500 | 0.5 | 1.0 | 2.0 | 10% |" in text


def _server() -> int:
    """Answers every request of every connection with the same bytes, until the test ends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(link: socket.socket) -> None:
        with link, suppress(ConnectionError):
            while link.recv(65536):
                link.sendall(ANSWER)

    def accept() -> None:
        while True:
            link, _ = listener.accept()
            threading.Thread(target=serve, args=(link,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    port: int = listener.getsockname()[1]
    return port
