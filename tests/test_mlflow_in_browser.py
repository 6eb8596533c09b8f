"""A finished study in MLflow's own pages, as `browse` serves them and a headless Chromium shows them."""

import ipaddress
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import chromium, visited
from finished_studies import CORPUS, TRANSCRIPT, write_finished_study

from soundproof.analysis.reports import report_study
from soundproof.api.reporting import publish_report
from soundproof.command_line.browsing import browse
from soundproof.common.errors import UserError
from soundproof.search_spaces import PRESETS, find_study
from soundproof.trainables.sweeps.storage import Storage

ROOT = Path(__file__).resolve().parents[1]
QUESTION = 'Is <img src=x onerror="alert(1)"> or *this* | <script>alert(2)</script> better, أم 🎵?'
STUDY = replace(find_study("asr-merge-mode"), question=QUESTION)
SEEDS = 3
NOT_OURS = ("404 (Not Found)", "AG Grid", "ResizeObserver loop completed")
"""What MLflow's own pages say on the console whatever they show: who is logged in, and how its tables are laid out."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _browsing(storage: Storage) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`browse` on a free port, once it says where it is."""
    port = _free_port()
    command = [sys.executable, "run_search.py", "browse", "--storage", str(storage.root), "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stderr.readline()
        assert line == f"MLflow on http://127.0.0.1:{port} (Ctrl-C stops it)\n", line + process.stderr.read()
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()  # a kill would leave the server behind
        process.wait(timeout=30)
        process.stderr.close()


def _below(pid: int) -> set[int]:
    """The processes that a process has started, and theirs."""
    found = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in found.splitlines())}
    tree = {pid}
    for _ in parents:
        tree |= {child for child, parent in parents.items() if parent in tree}
    return tree - {pid}


def _alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    """A finished study whose question is full of markup, with its report published as `run` does it."""
    made = Storage(root=tmp_path_factory.mktemp("storage"))
    write_finished_study(STUDY, made, seeds=SEEDS)
    publish_report(report_study(STUDY, made.tracking_uri), made.reports / "study")
    return made


def test_a_study_can_be_followed_from_its_answer_to_a_curve(storage: Storage, tmp_path: Path) -> None:
    """From the experiments to the study's run, its verdicts, its report, a trial and its curve, by clicking.

    The user's question stands there as text, nothing of ours complains or asks elsewhere, and only loopback listens.
    """
    with (
        chromium() as browser,
        _browsing(storage) as (_, server),
        visited(browser, server, viewport={"width": 1700, "height": 950}) as shown,
    ):
        page, name = shown.page, f"smoke · {CORPUS}"
        page.on("dialog", lambda dialog: shown.complaints.append(f"dialog {dialog.message}"))
        page.get_by_text("Model training").first.click()
        page.goto(f"{server}/#/experiments")
        page.get_by_role("link", name=STUDY.id).first.click()
        page.get_by_role("link", name=name).first.wait_for()
        page.locator(".ag-row [col-id*='Run Name'] .anticon").first.click()
        page.get_by_role("link", name="02 · seed 1 ·").first.wait_for()
        page.get_by_text(f"{CORPUS} ({PRESETS['speech']['smoke'].corpus.digest()})").first.wait_for()
        page.screenshot(path=tmp_path / "runs.png")
        page.get_by_role("link", name=name).first.click()
        _read_the_description(page)
        page.screenshot(path=tmp_path / "study.png")
        _open_the_report(page)
        page.screenshot(path=tmp_path / "report.png")
        page.get_by_text("Overview", exact=True).first.click()
        page.get_by_role("link", name="02 · seed 1 ·").first.click()
        page.get_by_text("Model metrics").first.click()
        page.get_by_placeholder("Search metric charts").fill("train/loss")
        page.locator(".js-plotly-plot .scatterlayer .trace path.js-line").first.wait_for(state="attached")
        page.screenshot(path=tmp_path / "curve.png")
        page.get_by_text("Artifacts", exact=True).first.click()
        page.get_by_text("predictions.csv", exact=True).first.click()
        page.get_by_text(TRANSCRIPT["reference"], exact=True).first.wait_for()
        page.screenshot(path=tmp_path / "transcripts.png")
        assert [text for text in shown.complaints if not any(known in text for known in NOT_OURS)] == []
        assert [address for address in shown.requests if not address.startswith((server, "blob:", "data:"))] == []
        assert _listening(int(server.rpartition(":")[2])) == {"127.0.0.1"}


def _read_the_description(page: Any) -> None:
    """The question as it was written, the answer, and a verdict for each claim."""
    page.get_by_text("Show more").first.click()
    page.get_by_text(QUESTION, exact=True).first.wait_for()
    claims = page.locator("table", has=page.get_by_text("adjusted p"))
    assert claims.locator("tbody tr").count() == len(STUDY.claims)
    assert "supported" in claims.inner_text()


def _open_the_report(page: Any) -> None:
    """The artifact opens where it is chosen, and its scripts draw."""
    page.get_by_text("Artifacts", exact=True).first.click()
    page.get_by_text("report.html", exact=True).first.click()
    report = page.frame_locator("iframe.mlflow-html-iframe")
    report.get_by_role("heading", name=QUESTION).wait_for()
    report.locator(".js-plotly-plot").first.wait_for(state="attached")


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.evidence)])
@pytest.mark.usefixtures("ctrl_c")
def test_it_stops_when_asked_and_leaves_nothing_running(storage: Storage, number: int) -> None:
    """Until then it answers with the study, on loopback alone; then status 0, what it had started is gone.

    The port is free; one in use is refused.
    """
    with _browsing(storage) as (process, server):
        with urllib.request.urlopen(server) as answer:
            assert b"<html" in answer.read()
        query = f"{server}/api/2.0/mlflow/experiments/get-by-name?experiment_name={STUDY.id}"
        with urllib.request.urlopen(query) as answer:
            assert json.load(answer)["experiment"]["name"] == STUDY.id
        assert _listening(int(server.rpartition(":")[2])) == {"127.0.0.1"}
        port = int(server.rpartition(":")[2])
        with pytest.raises(UserError, match=f"127.0.0.1:{port} is not"):
            browse(storage=storage.root, port=port)
        started = _below(process.pid)
        assert started
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
        assert not _alive(started)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


def _listening(port: int) -> set[str]:
    """The addresses, IPv4 and IPv6, on which something listens at a port, by the kernel's own tables."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            if state == "0A" and int(number, 16) == port:
                words = [bytes.fromhex(address[start : start + 8])[::-1] for start in range(0, len(address), 8)]
                found.add(str(ipaddress.ip_address(b"".join(words))))
    return found
