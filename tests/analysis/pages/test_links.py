"""Where runs can be looked at, and what of a store's address is for nobody else's eyes."""

import pytest

from soundproof.analysis.pages.links import BROWSE_SERVER, run_pages


@pytest.mark.parametrize(
    ("store", "server", "guessed"),
    [
        ("http://127.0.0.1:5050/", "http://127.0.0.1:5050", False),
        ("https://name:secret@host.example:8443/mlflow/?token=secret", "https://host.example:8443/mlflow", False),
        ("sqlite:////somewhere/mlflow.db", BROWSE_SERVER, True),
        ("postgresql+psycopg2://name:secret@host/db", BROWSE_SERVER, True),
    ],
)
def test_a_server_is_named_without_its_secrets(store, server, guessed):
    """A server's own address; of files and databases, where `browse` would show them."""
    pages = run_pages(store)
    assert (pages.server, pages.guessed) == (server, guessed)
    assert pages.address('a"b') == f"{server}/#/runs/a%22b"


@pytest.mark.parametrize("store", ["databricks", "databricks://profile", ""])
def test_other_stores_have_no_known_pages(store):
    """No link is better than one that leads nowhere."""
    assert run_pages(store) is None
