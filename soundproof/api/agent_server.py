"""Tools for agents by the Model Context Protocol, over standard input and output: nothing listens on a port.

The tools are those of `AgentFolder` and of its ledgers. Whatever an agent can mend reaches it in words, as `ToolError`:
of any other exception the library tells it the tool's name alone.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from os import PathLike
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field, WithJsonSchema

from soundproof.api.agent_declarations import STATUSES
from soundproof.api.agent_studies import AgentFolder
from soundproof.api.ledger_forms import ledger_plain, plan_of, step_plain, step_words
from soundproof.common.errors import UserError

INSTRUCTIONS = """Verdicts on runs, and an error budget over many proposals.

A study: declare_claim before any result, with a margin; then next_runs says which (variant, seed) to run,
submit_results takes what came of it, null for a run that ended without a result, and get_verdict judges. Report a
verdict with its interval, its n and its notes; "undecided" is no support. Do not choose seeds by their results, and
leave no run out.

A ledger: for a night of changes of which each is kept if it looks better. ledger_begin once, ledger_propose for each
change, then do what ledger_next says (run a seed and ledger_submit it, keep, or drop) until it says keep or drop."""

_VALUE = {
    "anyOf": [{"type": "number"}, {"type": "null"}, {"enum": ["NaN", "Infinity", "-Infinity"]}],
    "description": "The result; null for a run that ended without one.",
}
_ROW = {
    "type": "object",
    "properties": {
        "variant": {"type": "string", "description": "One of those that were declared."},
        "seed": {"type": "integer", "minimum": 0},
        "value": _VALUE,
        "status": {"enum": list(STATUSES), "description": "How the run ended; by default as the value tells."},
    },
    "required": ["variant", "seed", "value"],
    "additionalProperties": False,
}

Rows = Annotated[Any, WithJsonSchema({"type": "array", "items": _ROW})]
Value = Annotated[Any, WithJsonSchema(_VALUE)]
Claims = Annotated[
    list[str],
    Field(description="'A better than B', 'A not better than B', 'A no worse than B', 'A equivalent to B', 'A best'."),
]
Margin = Annotated[float, Field(description="The smallest difference that matters, in the metric's unit.")]
Seeds = Annotated[
    int | None, Field(description="How many seeds each variant gets, if that is fixed beforehand; null: as decided.")
]
Variants = Annotated[
    list[str] | None, Field(description="All that are compared; by default those in the claims and the baseline.")
]
ResultsSeen = Annotated[bool, Field(description="Say true if you know any result of these variants already.")]
Ledger = Annotated[str, Field(description="The ledger's name.")]
Id = Annotated[str, Field(description="p0 for the start, else what ledger_propose gave.")]

P = ParamSpec("P")
R = TypeVar("R")


class Tools:
    """What an agent can call, on one folder."""

    def __init__(self, folder: AgentFolder) -> None:
        self._folder = folder

    def declare_claim(
        self,
        *,
        study: str,
        claims: Claims,
        baseline: str,
        metric: str,
        higher_is_better: bool,
        margin: Margin,
        seeds: Seeds = None,
        variants: Variants = None,
        first_seed: int = 0,
        results_seen: ResultsSeen = False,
    ) -> dict[str, Any]:
        """Declare what a study claims, before any of its results; gives the time and a hash of it."""
        return self._folder.declare(
            study,
            claims=claims,
            baseline=baseline,
            metric=metric,
            higher_is_better=higher_is_better,
            margin=margin,
            seeds=seeds,
            variants=variants,
            first_seed=first_seed,
            results_seen=results_seen,
        )

    def submit_results(self, study: str, rows: Rows) -> dict[str, Any]:
        """Submit runs that have ended, every one of them, failed ones too: all rows are taken or none."""
        return self._folder.submit(study, rows)

    def get_verdict(self, study: str) -> dict[str, Any]:
        """Judge what was submitted: supported, contradicted, negligible or undecided for each claim, and why."""
        return self._folder.verdict(study)

    def next_runs(self, study: str, at_most: int = 6) -> dict[str, Any]:
        """Which (variant, seed) to run next, most wanted first; an empty list where nothing would decide more."""
        return self._folder.next_runs(study, at_most)

    def ledger_begin(
        self,
        *,
        ledger: Ledger,
        higher_is_better: bool,
        proposals: int = 1000,
        error: float = 0.05,
        worth: float = 2.0,
        guarantee: str = "family",
    ) -> dict[str, Any]:
        """Begin a ledger: how many proposals share which error, and which improvement is worth finding.

        `error` bounds the probability that any proposal is wrongly kept (guarantee "family") or the expected share of
        wrongly kept ones ("fdr"); `worth` is in standard deviations of the difference of two runs.
        """
        plan = plan_of(proposals=proposals, error=error, worth=worth, guarantee=guarantee)
        return ledger_plain(self._folder.begin_ledger(ledger, plan, higher_is_better=higher_is_better))

    def ledger_propose(self, ledger: Ledger, name: str) -> dict[str, Any]:
        """Enter a change to the incumbent; gives its id, and what to do next."""
        return self._next(ledger, self._folder.ledger(ledger).propose(name))

    def ledger_submit(self, ledger: Ledger, id: Id, value: Value, seed: Value) -> dict[str, Any]:
        """Enter a run of a proposal, or of the incumbent: its result, null where it crashed, and its seed."""
        self._folder.ledger(ledger).submit(id, _number(value), seed)
        return {"id": id, "taken": True}

    def ledger_next(self, ledger: Ledger, id: Id) -> dict[str, Any]:
        """What to do next for a proposal: run a seed of the configuration `of`, keep it, or drop it."""
        return self._next(ledger, id)

    def ledger_state(self, ledger: Ledger) -> dict[str, Any]:
        """The incumbent, the budget of error, and every proposal with its runs."""
        return ledger_plain(self._folder.ledger(ledger))

    def _next(self, ledger: str, key: str) -> dict[str, Any]:
        step = step_plain(self._folder.ledger(ledger), key)
        return step | {"words": step_words(step)}


def make_server(folder: str | PathLike[str]) -> MCPServer[Any]:
    """The server, not running yet, of the studies and ledgers in a folder."""
    server: MCPServer[Any] = MCPServer("soundproof", instructions=INSTRUCTIONS, log_level="WARNING")
    tools = Tools(AgentFolder(folder))
    changing: Sequence[Callable[..., Any]] = (
        *(tools.declare_claim, tools.submit_results),
        *(tools.ledger_begin, tools.ledger_propose, tools.ledger_submit),
    )
    for tool in changing:
        server.add_tool(_told(tool), annotations=ToolAnnotations(read_only_hint=False, destructive_hint=False))
    for tool in (tools.get_verdict, tools.next_runs, tools.ledger_next, tools.ledger_state):
        server.add_tool(_told(tool), annotations=ToolAnnotations(read_only_hint=True))
    return server


def _told(tool: Callable[P, R]) -> Callable[P, R]:
    """The tool, which tells in words what whoever calls it can mend."""

    @wraps(tool)
    def telling(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return tool(*args, **kwargs)
        except UserError as error:
            raise ToolError(str(error)) from error

    return telling


def _number(value: Any) -> Any:
    """A result that JSON has no number for, as one."""
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else value
