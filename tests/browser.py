"""A headless Chromium that sees nothing but files, or one server, and remembers what a page said and asked for."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_BROWSER = "needs Playwright and a Chromium to open pages with"
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Opened:
    """A page, with what its console said, what its scripts threw, and the addresses that it asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser by Playwright; where the machine has none, the test that wants it is skipped."""
    try:
        from playwright.sync_api import sync_playwright  # not on every machine
    except ImportError:
        pytest.skip(NO_BROWSER)
    if CHROMIUM is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Any, path: Path, **settings: Any) -> Iterator[Opened]:
    """The file in a window of its own without a network; `settings` are Playwright's for a context."""
    context = browser.new_context(offline=True, **settings)
    try:
        found = _watched(context)
        found.page.goto(path.resolve().as_uri())
        yield found
    finally:
        context.close()


@contextmanager
def visited(browser: Any, server: str, **settings: Any) -> Iterator[Opened]:
    """The pages of one server on loopback; whatever they ask for elsewhere is refused."""
    context = browser.new_context(**settings)
    try:
        context.route(lambda address: not address.startswith(f"{server}/"), lambda route: route.abort())
        found = _watched(context)
        found.page.goto(server)
        yield found
    finally:
        context.close()


def _watched(context: Any) -> Opened:
    found = Opened(page=context.new_page())
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("request", lambda request: found.requests.append(request.url))
    return found
