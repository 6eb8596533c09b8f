"""The harness's own parts: faults by seed, and a proxy that answers as it is told."""

import http.client
import http.server
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults.answering import PAGE, Proxy
from faults.records import Recorded, differences
from faults.schedule import KINDS, TIMES, WAYS, deal
from faults.summaries import Summary, printed

ROOT = Path(__file__).resolve().parents[1]
BODY = b'{"well": "done"}'


def test_a_seed_deals_every_fault_in_every_way() -> None:
    """At least thirty of them, the same again for the same seed, in another order for another."""
    faults = deal(1)
    assert len(faults) >= 30
    assert Counter(fault.kind for fault in faults) == TIMES
    for kind, ways in WAYS.items():
        assert {fault.way for fault in faults if fault.kind == kind} == set(ways)
    assert deal(1) == faults
    assert [fault.kind for fault in deal(2)] != [fault.kind for fault in faults]
    assert {fault.to for fault in faults} == {"study", "search"}
    assert all(fault.offset >= 1 for fault in faults)


@contextmanager
def _served(asked: list[str]) -> Iterator[Proxy]:
    """A proxy before a server that says that all was well done."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Proxy(f"http://127.0.0.1:{server.server_address[1]}") as proxy:
            yield proxy
    finally:
        server.shutdown()
        server.server_close()


def _ask(proxy: Proxy, path: str) -> tuple[int, bytes] | str:
    """The answer, or the name of what came in its place."""
    connection = http.client.HTTPConnection("127.0.0.1", int(proxy.uri.rpartition(":")[2]), timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as error:
        return type(error).__name__
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("manner", "answer", "processed"),
    [
        ("401", (401, PAGE), False),
        ("403", (403, PAGE), False),
        ("429", (429, PAGE), False),
        ("502", (502, PAGE), False),
        ("200 with a page", (200, PAGE), False),
        ("500 after processing", (500, b'{"error_code": "INTERNAL_ERROR", "message": "a fault"}'), True),
        ("hangs up before", "RemoteDisconnected", False),
        ("hangs up in the middle", "IncompleteRead", True),
        ("slow", (200, BODY), True),
    ],
)
def test_a_proxy_answers_as_it_is_told(
    monkeypatch: pytest.MonkeyPatch, manner: str, answer: tuple[int, bytes] | str, processed: bool
) -> None:
    """From the second request on, and once; what comes before and after goes through."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    asked: list[str] = []
    with _served(asked) as proxy:
        order = proxy.order(manner, first=2, count=1)
        answers = [_ask(proxy, f"/{number}") for number in range(3)]
    assert answers == [(200, BODY), answer, (200, BODY)]
    assert asked == (["/0", "/1", "/2"] if processed else ["/0", "/2"])
    assert order.struck == ["GET /1"]
    assert bool(slept) == (manner == "slow")
    assert proxy.in_flight == []


def _trial(trial_id: str, *, loss: float = 0.5, status: str = "completed") -> Recorded:
    epochs = (("validation/loss", 1, loss),)
    return Recorded(trial_id=trial_id, status=status, ended="FINISHED", epochs=epochs, files=(b"weights",))


def test_whatever_differs_is_told() -> None:
    """A trial twice, one that is missing, one too many, another number."""
    calm = [_trial("a"), _trial("b"), _trial("c")]
    assert differences(list(calm), calm) == []
    found = differences([_trial("a"), _trial("a"), _trial("b", loss=0.25, status="failed"), _trial("d")], calm)
    assert sorted(found) == [
        "epochs of trial b differ",
        "status of trial b differ",
        "trial a stands there 2 times",
        "trial c is missing",
        "trial d was not asked for",
    ]


def test_a_summary_is_a_table_with_a_column_a_seed() -> None:
    """What differs stands below it."""
    summary = Summary.of(seed=7, hits=[], misses=2, jobs=[], minutes=1.25, differences=["study: other"], left=["file"])
    first, *rows = printed([summary, summary]).splitlines()
    assert first == "| seed | 7 | 7 |"
    assert [row.split(" | ")[0].strip("| ") for row in rows[1 : 1 + len(KINDS)]] == list(KINDS)
    assert rows[-2:] == ["seed 7: study: other", "seed 7: file"]


CLOCK = """
import struct, sys, time
import datetime as theirs
before = time.time(), theirs.datetime.now().timestamp()
sys.modules[__name__].__name__ = "soundproof.somewhere"
from datetime import UTC, datetime
with open(sys.argv[1], "r+b") as clock:
    clock.write(struct.pack("<dB", -3600.0, 0))
assert 3590 < before[0] - time.time() < 3600
assert 3590 < before[1] - datetime.now(UTC).timestamp() < 3600
assert abs(theirs.datetime.now().timestamp() - before[1]) < 60
print(open(sys.argv[1], "rb").read()[8])
"""


def test_a_clock_can_be_set_while_a_process_runs(tmp_path: Path) -> None:
    """As `time` and our own modules see it; that it was read is noted."""
    clock = tmp_path / "clock"
    clock.write_bytes(bytes(9))
    folder = ROOT / "tests" / "faults" / "clock_folder"
    environment = {"PYTHONPATH": str(folder), "SOUNDPROOF_FAULTS_CLOCK": str(clock)}
    done = subprocess.run(
        [sys.executable, "-c", CLOCK, str(clock)], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
