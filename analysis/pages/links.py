"""Where the run of a trial can be looked at: MLflow's own pages."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

BROWSE_SERVER = "http://127.0.0.1:5000"
"""Where `browse` shows a record, unless it is told another place."""
_FILES_AND_DATABASES = ("file", "sqlite", "postgresql", "mysql", "mssql")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunPages:
    """The pages of one MLflow server. `guessed`: it is the one that `browse` would start, and may not be running."""

    server: str
    guessed: bool

    def address(self, run_id: str) -> str:
        """The page of a run."""
        return f"{self.server}/#/runs/{quote(run_id, safe='')}"


def run_pages(tracking_uri: str) -> RunPages | None:
    """The pages that show a tracking store; None for a store that only its owner's own pages show.

    A name, a password and a query in the address of the store are left out: a report is passed on.
    """
    server = server_of(tracking_uri)
    if server is not None:
        return RunPages(server=server, guessed=False)
    if urlsplit(tracking_uri).scheme.partition("+")[0] in _FILES_AND_DATABASES:
        return RunPages(server=BROWSE_SERVER, guessed=True)
    return None


def server_of(tracking_uri: str) -> str | None:
    """Where the MLflow server that keeps a record shows it; None where no server keeps it.

    Without the name, password and query that its address may have.
    """
    parts = urlsplit(tracking_uri)
    if parts.scheme not in ("http", "https"):
        return None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
