"""What Soundproof does, from Python: prepare, train, report. The command line is made of it.

Nothing heavy is imported here: what a function needs, it imports when it is called.
"""

from soundproof.api.comparing import compare_curves
from soundproof.api.deciding import decide
from soundproof.api.decision import DecideOptions
from soundproof.api.judging import judge
from soundproof.api.ledger import Ledger, Plan
from soundproof.api.options import RunOptions, SearchOptions
from soundproof.api.reporting import ReportPage, report_search, report_store, report_study
from soundproof.api.running import run_study
from soundproof.api.searching import search_space

__all__ = [
    "DecideOptions",
    "Ledger",
    "Plan",
    "ReportPage",
    "RunOptions",
    "SearchOptions",
    "compare_curves",
    "decide",
    "judge",
    "report_search",
    "report_store",
    "report_study",
    "run_study",
    "search_space",
]
