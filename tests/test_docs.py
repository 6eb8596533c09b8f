"""The documentation: what a page says to type is typed, files that it shows are run, and the site is built."""

import ast
import html
import importlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
from browser import chromium, opened
from interrupting import interruptible
from markdown_it import MarkdownIt
from printed import CONTROL, OTHERS, PATHS
from terminals import in_terminal

from soundproof.command_line.main import app
from soundproof.common.errors import UserError
from soundproof.search_spaces import SPACES, STUDIES
from soundproof.search_spaces.finding import find_study_or_ablation, find_study_or_space

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md"])
OURS = "python run_search.py "
INSTALL = "python3 -m venv"
IN_TERMINAL = f"{OURS}run --file "
"""Of the commands of the tutorial, the one that is typed in a terminal; the others write into files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A fenced block of a page: its language, its title where it has one, and what is in it."""

    language: str
    title: str | None
    text: str

    @property
    def commands(self) -> list[str]:
        """The lines of a block of the shell."""
        return self.text.splitlines() if self.language == "sh" else []


def _blocks(page: Path) -> list[Block]:
    blocks = []
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence":
            language, _, rest = token.info.partition(" ")
            title = re.fullmatch('title="(.+)"', rest)
            blocks.append(Block(language=language, title=title and title[1], text=token.content))
    return blocks


def _environment() -> dict[str, str]:
    """One whose `python` is this one."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def _shell(folder: Path, command: str) -> subprocess.Popen[str]:
    """The command as a user types it."""
    return subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _browse(folder: Path, command: str) -> int:
    """Wait for the place that the page names, then press Ctrl-C; gives the status."""
    with interruptible():
        server = _shell(folder, command)
    place = re.search(r"http://127\.0\.0\.1:\d+", (DOCS / "tutorial.md").read_text(encoding="utf-8"))
    assert place is not None
    deadline = time.monotonic() + 60
    try:
        while True:
            try:
                with urllib.request.urlopen(f"{place[0]}/health"):
                    break
            except OSError:
                assert server.poll() is None, f"is {place[0]} taken by another program?"
                assert time.monotonic() < deadline
                time.sleep(0.2)
        os.killpg(server.pid, signal.SIGINT)
        return server.wait(30)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        server.communicate()


def _type(folder: Path, command: str) -> tuple[str, str]:
    """Do it; gives what it wrote to standard output and to standard error, which are files."""
    if command == f"{OURS}browse":
        assert _browse(folder, command) == 0
        return "", ""
    process = _shell(folder, command)
    printed, said = process.communicate()
    assert process.returncode == 0, f"{command}\n{said}"
    return printed, said


@dataclass(frozen=True, kw_only=True, slots=True)
class Tutorial:
    """The folder in which all that the page says has been done, except to install; and what was printed there."""

    folder: Path
    written: dict[str, tuple[str, str]]
    """By command, what it wrote to standard output and to standard error, which were files."""

    in_terminal: dict[str, str]
    """What a command sent that had a terminal."""


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Tutorial:
    """All that the page says to do, done."""
    folder, written, sent = tmp_path_factory.mktemp("tutorial"), {}, {}
    (folder / "run_search.py").symlink_to(ROOT / "run_search.py")
    for block in _blocks(DOCS / "tutorial.md"):
        if block.title is not None:
            (folder / block.title).write_text(block.text, encoding="utf-8")
        elif not block.text.startswith(INSTALL):
            for command in block.commands:
                if command.startswith(IN_TERMINAL):
                    status, sent[command] = in_terminal(folder, command, _environment())
                    assert status == 0, sent[command]
                else:
                    written[command] = _type(folder, command)
    return Tutorial(folder=folder, written=written, in_terminal=sent)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tutorial_runs_as_it_stands(tutorial: Tutorial) -> None:
    """Each command ends with status 0, two studies have reports, and the exported table names what was compared."""
    reports = sorted(
        page.parent.name for page in (tutorial.folder / "soundproof-store" / "reports").glob("*/report.html")
    )
    assert reports == [
        "asr-time-distributed-dense.smoke.synthetic-speech",
        "my-convolutions.smoke.folder-my_voices",
    ]
    table = (tutorial.folder / "table.tex").read_text(encoding="utf-8")
    assert [level for level in ("one layer", "two layers") if level not in table] == []


@pytest.mark.slow
def test_what_commands_write_into_files_is_clean(tutorial: Tutorial) -> None:
    """No control code anywhere; a run says how far it is and what to do next, and nothing of Ray's or MLflow's."""
    assert [command for command, texts in tutorial.written.items() if CONTROL.search("".join(texts))] == []
    first = next(command for command in tutorial.written if command.startswith(f"{OURS}run "))
    printed, said = tutorial.written[first]
    assert "4 trials to train" in said
    assert "4/4 trials done" in said
    assert f"{OURS}browse" in printed
    assert "run asr-time-distributed-dense --preset quick" in printed
    assert "would decide" not in printed
    assert OTHERS.search(PATHS.sub("", printed + said)) is None


@pytest.mark.slow
def test_a_run_is_alive_in_a_terminal(tutorial: Tutorial) -> None:
    """It redraws rows with trials, the time left and the best so far, and shows nothing of Ray's or MLflow's.

    The same again, asked to be quiet, prints JSON alone.
    """
    ((command, sent),) = tutorial.in_terminal.items()
    text = CONTROL.sub("", sent)
    assert "\x1b[2K" in sent, "no line was redrawn"
    assert "starting…" in text
    assert re.search(r"\d/4 trials, \d+/\d+ epochs \d:\d\d:\d\d \d+ (s|min) left", text)
    assert re.search(r"best so far \d+\.\d% \(my-\S+ seed 0\), \d running", text)
    assert OTHERS.search(PATHS.sub("", text)) is None
    printed, said = _type(tutorial.folder, f"{command} --quiet --json")
    assert said == ""
    assert printed.startswith("{")


@pytest.mark.slow
def test_the_notebook_runs_as_it_stands(tutorial: Tutorial) -> None:
    """As one script, on the study of the tutorial; figure, rows and verdicts are of what was trained there."""
    blocks = _blocks(DOCS / "how-to" / "notebooks.md")
    checks = (
        "assert '<iframe' in result._repr_html_() and len(figure.to_json()) > 1000 and page.exists()\n"
        "assert str(result).endswith('report.html') and len(str(result)) < 1000\n"
        "assert len(rows) == 4 and set(verdicts.values()) == {'undecided'}\n"
    )
    assert [block.language for block in blocks] == ["python", "python"]
    text = "\n".join([*(block.text for block in blocks), checks]).replace(
        "seeds=2", 'seeds=2, corpus="folder:my_voices", storage="soundproof-store"'
    )
    (tutorial.folder / "notebook.py").write_text(text, encoding="utf-8")
    _type(tutorial.folder, "python notebook.py")


@pytest.mark.evidence
@pytest.mark.timeout(900)
def test_the_tutorial_installs(tmp_path: Path) -> None:
    """In a copy of the sources, the commands of the page make an environment in which the next command answers."""
    skipped = shutil.ignore_patterns(".*", "soundproof-store", "build", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, tmp_path / "sources", ignore=skipped)
    install = next(block.text for block in _blocks(DOCS / "tutorial.md") if block.text.startswith(INSTALL))
    command = ["bash", "-ec", f"{install}\n{OURS}list"]
    done = subprocess.run(command, cwd=tmp_path / "sources", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert STUDIES[0].question in done.stdout


def _fault(line: str) -> str | None:
    """What is wrong with a command of ours: an option that there is not, or a study that is not declared."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    name, *arguments = shlex.split(line.removeprefix(OURS), comments=True)
    if name not in commands:
        return f"no command {name!r}"
    try:
        given = commands[name].make_context(name, list(arguments)).params
        named = given.get("study") or given.get("space")
        if named is not None:
            (find_study_or_space if name != "run" else find_study_or_ablation)(named)
    except (typer.TyperException, UserError) as error:
        return str(error)
    return None


def test_commands_are_ones_that_there_are() -> None:
    """Every command of ours that a page shows has only options that exist, and names studies that are declared."""
    lines = [
        (page.name, line)
        for page in PAGES
        for block in _blocks(page)
        for line in block.commands
        if line.startswith(OURS)
    ]
    assert len({page for page, _ in lines}) > 5
    assert [(*where, _fault(where[1])) for where in lines if _fault(where[1]) is not None] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("train asr-cnn-sublayer-order", "no command 'train'"),
        ("run asr-cnn-sublayer-order --epoch 3", "No such option"),
        ("run asr-cnn-sublayer-order --seeds many", "valid integer"),
        ("report asr-cnn-sublayer-disorder", "asr-cnn-sublayer-disorder"),
    ],
)
def test_commands_that_there_are_not_are_found(line: str, fault: str) -> None:
    """The check above tells them."""
    assert fault in (_fault(OURS + line) or "")


def test_options_of_mlflow_are_ones_that_there_are() -> None:
    """The same for `mlflow server`, as installed: with an option that it has not, even help fails."""
    commands = [line for block in _blocks(DOCS / "how-to" / "mlflow-server.md") for line in block.commands]
    (line,) = (line for line in commands if line.startswith("mlflow server "))
    command = [sys.executable, "-m", *shlex.split(line), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_examples_are_shown_whole() -> None:
    """A page that shows an example of `init` leaves out its docstring, and nothing else."""
    shown = 0
    for page in PAGES:
        for name, first in re.findall(r'^--8<-- "(.+):(\d+):"$', page.read_text(encoding="utf-8"), re.MULTILINE):
            docstring, *_ = ast.parse((ROOT / name).read_text(encoding="utf-8")).body
            assert docstring.end_lineno is not None
            assert int(first) == docstring.end_lineno + 2
            shown += 1
    assert shown == 2


def test_links_of_the_readme_lead_somewhere() -> None:
    """Every relative link is a file."""
    links = re.findall(r"\]\(([^)#]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert local
    assert [link for link in local if not (ROOT / link).is_file()] == []


def test_variants_of_other_studies_have_their_whole_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the pages of studies, an id is shortened where it is the study's own alone: no two have one name."""
    monkeypatch.syspath_prepend(DOCS / "generated")
    pages = importlib.import_module("studies").studies_pages()
    foreign = 0
    for study in STUDIES:
        _, section = pages[f"studies/{study.domain}.md"].split(f"## {study.id} {{#{study.id}}}\n")
        section = section.partition("\n## ")[0]
        assert re.findall(r"(`[^`]+`) against \1", section) == []
        ids = [variant.id for variant in study.variants]
        assert [name for name in ids if f"`{name.removeprefix(f'{study.id}/')}`" not in section] == []
        foreign += sum(not name.startswith(f"{study.id}/") for name in ids)
    assert foreign > 10


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it: a link or an anchor that leads nowhere is an error."""
    for package in ("material", "mkdocstrings_handlers.python"):
        pytest.importorskip(package, reason="the site needs the extra docs: pip install -e .[docs]")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


class _Page(HTMLParser):
    """The text of a page, and what a browser loads to show it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.loaded: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    @property
    def text(self) -> str:
        """On one line."""
        return " ".join("".join(self.parts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note addresses, other than those of links to follow."""
        wanted = {"link": ("href",), "a": ()}.get(tag, ("src", "srcset", "data"))
        self.loaded += [unquote(value) for name, value in attrs if name in wanted and value]

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.parts.append(data)


@pytest.mark.slow
def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    """Neither the pages nor their style sheets name an address on another machine that a browser would fetch."""
    pages, sheets = sorted(site.rglob("*.html")), sorted(site.rglob("*.css"))
    loaded = [address for page in pages for address in _Page(page).loaded]
    loaded += [address for sheet in sheets for address in re.findall(r"url\(['\"]?([^)'\"]+)", sheet.read_text())]
    assert len(loaded) > len(pages)
    assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []


@pytest.mark.slow
def test_the_site_is_searched_from_a_folder(site: Path) -> None:
    """Typing finds a page without a server or a network, and nothing is looked for elsewhere."""
    with chromium() as browser, opened(browser, site / "how-to" / "search.html") as shown:
        field = shown.page.locator("input.md-search__input")
        field.click()
        field.press_sequentially("citation")  # the search listens to keys, not to what a script fills in
        result = shown.page.locator("a.md-search-result__link", has_text="Export").first
        result.wait_for()
        assert "how-to/exporting.html" in result.get_attribute("href")
        assert [text for text in shown.complaints if "favicon" not in text] == []
        assert [address for address in shown.requests if not address.startswith(("file:", "data:", "about:"))] == []


@pytest.mark.slow
def test_the_site_has_every_study_and_command(site: Path) -> None:
    """Each study with its question, levels and claims on the page of its domain, each space, and each command."""
    domains = {study.domain: _Page(site / "studies" / f"{study.domain}.html").text for study in STUDIES}
    for study in STUDIES:
        wanted = [study.id, study.question, *(claim.text for claim in study.claims)]
        wanted += [level.value for variant in study.variants for level in variant.levels]
        assert [text for text in wanted if " ".join(text.split()) not in domains[study.domain]] == []
    spaces = _Page(site / "studies" / "spaces.html").text
    assert [space.id for space in SPACES if space.question not in spaces] == []
    commands = html.unescape((site / "reference" / "commands.html").read_text(encoding="utf-8"))
    named = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert [name for name in named if f'<h2 id="{name}">' not in commands] == []
    assert "--until-decided" in commands


@pytest.mark.slow
def test_the_reference_is_from_docstrings(site: Path) -> None:
    """A function shows its signature and what its docstring says."""
    page = site / "reference" / "statistics.html"
    assert 'id="soundproof.analysis.statistics.multiple_comparisons.holm"' in page.read_text(encoding="utf-8")
    assert "holm(p_values: FloatArray) -> FloatArray" in _Page(page).text
    assert "Adjusted p values (m,), in the order given" in _Page(page).text
