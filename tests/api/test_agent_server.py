"""Agents' tools through the library's own client: once over a real subprocess, and in memory for the rest."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="tools for agents need the extra mcp")

from mcp import Client
from mcp.client.stdio import StdioServerParameters

from soundproof.api.agent_server import make_server

ROOT = Path(__file__).resolve().parents[2]
WIDTH = {
    "study": "width",
    "claims": ["wide better than base"],
    "baseline": "base",
    "metric": "wer",
    "higher_is_better": False,
    "margin": 0.2,
}


class Agent:
    """A client that gives what tools give, and the words of their errors."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def tools(self) -> dict[str, Any]:
        """What the server offers."""
        return {tool.name: tool for tool in (await self._client.list_tools()).tools}

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What the tool gives: the same as data and as text, and JSON without NaN."""
        result = await self._client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        assert json.loads(result.content[0].text) == result.structured_content
        json.dumps(result.structured_content, allow_nan=False)
        return result.structured_content

    async def error(self, tool: str, **arguments: Any) -> str:
        """What an agent is told that did something wrong."""
        result = await self._client.call_tool(tool, arguments)
        assert result.is_error, result.structured_content
        return result.content[0].text


def talk(server: Any, conversation: Callable[[Agent], Awaitable[None]]) -> None:
    """Connect, talk, and hang up."""

    async def connected() -> None:
        async with Client(server) as client:
            await conversation(Agent(client))

    asyncio.run(connected())


async def a_study(agent: Agent, generator: random.Random) -> None:
    """From a declaration to its verdict, with what the server says has to be run."""
    declared = await agent.call("declare_claim", **WIDTH)
    assert declared["before_results"] is True
    assert len(declared["hash"]) == 64
    first = await agent.call("next_runs", study="width", at_most=6)
    assert first["words"] == "run seeds 0 to 2 of base and seeds 0 to 2 of wide: a first look"
    step = first
    while step["runs"]:
        rows = [
            run | {"value": generator.gauss(22.0 if run["variant"] == "base" else 20.0, 0.2)} for run in step["runs"]
        ]
        assert (await agent.call("submit_results", study="width", rows=rows))["new"] == len(rows)
        step = await agent.call("next_runs", study="width", at_most=6)
    assert step["words"] == "every claim is decided: nothing has to be run"
    verdict = await agent.call("get_verdict", study="width")
    (claim,) = verdict["claims"]
    assert claim["verdict"] == "supported"
    assert claim["n"] >= 3
    assert claim["interval"][0] > 0.2
    assert 0 < claim["adjusted_p_value"] <= 0.05


async def a_night(agent: Agent, generator: random.Random) -> None:
    """Three proposals of which the second is good: it is kept, and the others are dropped."""
    state = await agent.call("ledger_begin", ledger="night", higher_is_better=False, proposals=50)
    assert state["budget"]["proposals_left"] == 50
    means, ended = {"p0": 10.0}, []
    for mean in (14.0, 2.0, 9.0):
        step = await agent.call("ledger_propose", ledger="night", name=f"to {mean}")
        means[step["id"]] = mean
        while step["action"] == "run":
            value = generator.gauss(means[step["of"]], 1.0)
            await agent.call("ledger_submit", ledger="night", id=step["of"], value=value, seed=step["seed"])
            step = await agent.call("ledger_next", ledger="night", id=step["id"])
        ended.append(step["action"])
    assert ended == ["drop", "keep", "drop"]
    state = await agent.call("ledger_state", ledger="night")
    assert state["incumbent"] == "p2"
    assert state["budget"]["proposals_left"] == 48
    seeds = [seed for entry in state["entries"] for seed in entry["seeds"]]
    assert len(seeds) == len(set(seeds)) == state["budget"]["runs"]


@pytest.mark.slow
def test_a_whole_conversation_with_a_real_process(tmp_path: Path) -> None:
    """As an agent's program starts it; what was said is in the folder afterwards, and a second server goes on."""
    server = StdioServerParameters(
        command=sys.executable, args=[str(ROOT / "run_search.py"), "serve-mcp", "--folder", str(tmp_path / "kept")]
    )

    async def conversation(agent: Agent) -> None:
        generator = random.Random(3)
        await a_study(agent, generator)
        await a_night(agent, generator)
        assert "declared, width, got 'depth'" in await agent.error("get_verdict", study="depth")

    talk(server, conversation)
    assert {path.name for path in (tmp_path / "kept").glob("[!.]*")} == {"width.study.json", "night.ledger.json"}

    async def afterwards(agent: Agent) -> None:
        assert (await agent.call("ledger_state", ledger="night"))["incumbent"] == "p2"

    talk(make_server(tmp_path / "kept"), afterwards)


def test_what_tools_take_is_in_their_schemas(tmp_path: Path) -> None:
    """Each has a description; those that change nothing say so; a row says what its cells are."""

    async def conversation(agent: Agent) -> None:
        tools = await agent.tools()
        assert set(tools) == {
            *("declare_claim", "submit_results", "get_verdict", "next_runs"),
            *("ledger_begin", "ledger_propose", "ledger_submit", "ledger_next", "ledger_state"),
        }
        assert [name for name, tool in tools.items() if not tool.description] == []
        reading = {name for name, tool in tools.items() if tool.annotations.read_only_hint}
        assert reading == {"get_verdict", "next_runs", "ledger_next", "ledger_state"}
        row = tools["submit_results"].input_schema["properties"]["rows"]["items"]
        assert row["required"] == ["variant", "seed", "value"]
        assert set(tools["declare_claim"].input_schema["required"]) == set(WIDTH)

    talk(make_server(tmp_path), conversation)


def test_an_agent_is_told_what_it_can_mend(tmp_path: Path) -> None:
    """In our words, not by the name of the tool alone, as the library does with other exceptions."""

    async def conversation(agent: Agent) -> None:
        for name in ("../width", "/tmp/width", "a/../../b", "Width", ""):
            assert "must be lower-case letters" in await agent.error("get_verdict", study=name)
            assert "must be lower-case letters" in await agent.error("ledger_begin", ledger=name, higher_is_better=True)
        assert "before its results" in await agent.error("submit_results", study="width", rows=[])
        assert "expected a claim such as" in await agent.error("declare_claim", **WIDTH | {"claims": ["wide is good"]})
        await agent.call("declare_claim", **WIDTH)
        wrong = {"variant": "wide", "seed": 0, "value": "0.5"}
        assert "row 1 of 1: value expects a number" in await agent.error("submit_results", study="width", rows=[wrong])
        assert "expects a list" in await agent.error("submit_results", study="width", rows="many")
        row = wrong | {"value": 0.5}
        await agent.call("submit_results", study="width", rows=[row])
        assert (await agent.call("submit_results", study="width", rows=[row]))["there_already"] == 1
        other = await agent.error("submit_results", study="width", rows=[row | {"value": 0.6}])
        assert "is there with 0.5 (finished), got 0.6" in other
        assert "ledger that was begun" in await agent.error("ledger_next", ledger="night", id="p1")
        assert "error above 0" in await agent.error("ledger_begin", ledger="night", higher_is_better=True, error=0.9)
        await agent.call("ledger_begin", ledger="night", higher_is_better=True, proposals=1)
        await agent.call("ledger_propose", ledger="night", name="one")
        assert "at most 1 proposals" in await agent.error("ledger_propose", ledger="night", name="two")
        text = await agent.error("ledger_submit", ledger="night", id="p1", value="0.5", seed=0)
        assert "expects a number as its result" in text

    talk(make_server(tmp_path), conversation)


def test_what_is_not_finite_reaches_no_client(tmp_path: Path) -> None:
    """Runs without a result, in every way of saying it: the client, which refuses NaN, takes all answers."""

    async def conversation(agent: Agent) -> None:
        await agent.call("declare_claim", **WIDTH)
        values = {"base": (1.0, 1.1, 1.2, 1.15, 1.05), "wide": (None, "NaN", "Infinity", float("nan"), float("inf"))}
        rows = [
            {"variant": name, "seed": seed, "value": value}
            for name in values
            for seed, value in enumerate(values[name])
        ]
        await agent.call("submit_results", study="width", rows=rows)
        verdict = await agent.call("get_verdict", study="width")
        assert verdict["runs"]["wide"] == {"finished": 0, "without_result": 5}
        assert (verdict["claims"][0]["effect"], verdict["claims"][0]["verdict"]) == (None, "undecided")
        await agent.call("next_runs", study="width")
        await agent.call("ledger_begin", ledger="night", higher_is_better=True)
        step = await agent.call("ledger_propose", ledger="night", name="unstable")
        await agent.call("ledger_submit", ledger="night", id=step["id"], value="NaN", seed=1)
        assert (await agent.call("ledger_next", ledger="night", id=step["id"]))["action"] == "drop"
        await agent.call("ledger_state", ledger="night")

    talk(make_server(tmp_path), conversation)


def test_the_command_needs_its_extra(tmp_path: Path) -> None:
    """Status 2 and what to install, without a traceback; nothing is made."""
    without = "import sys; sys.modules['mcp'] = None; from soundproof.command_line.main import main; main()"
    command = [sys.executable, "-c", without, "serve-mcp", "--folder", str(tmp_path / "kept")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2, done.stderr
    assert 'mcp is not installed: pip install "soundproof[mcp]"' in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "kept").exists()
