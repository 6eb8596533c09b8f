"""Commands in texts work as they are printed, however the program was started."""

import sys
from pathlib import Path

import pytest

from soundproof.common.program import again, command


@pytest.mark.parametrize(
    ("typed", "started", "printed"),
    [
        ("python", "run_search.py", "python run_search.py browse"),
        ("python3", "run_search.py", "python3 run_search.py browse"),
        (".venv/bin/python", "../my work/run_search.py", ".venv/bin/python '../my work/run_search.py' browse"),
        ("python", "/somewhere/notebook.py", "python run_search.py browse"),
    ],
)
def test_the_program_is_called_as_it_was(
    typed: str, started: str, printed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interpreter and the script as they were typed; in a notebook, what pages say."""
    monkeypatch.setattr(sys, "orig_argv", [typed, started])
    monkeypatch.setattr(sys, "argv", [started])
    assert command("browse") == printed


def test_the_installed_program_goes_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the shell finds it; otherwise by its place."""
    installed = tmp_path / "soundproof"
    installed.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(installed)])
    monkeypatch.setenv("PATH", "/no/where")
    assert command("run", "a b") == f"{installed} run 'a b'"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command("run", "a b") == "soundproof run 'a b'"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run_search.py", "run", "a b"], "give the same command again: `python run_search.py run 'a b'`"),
        (["run_search.py", "run", "--tracking-uri=http://me:word@host"], "give the same command again"),
        (["run_search.py", "run", "--tracking-uri=http://host:5000/@"], "give the same command again: `python "),
        (["notebook.py"], "give the same command again"),
    ],
)
def test_what_goes_on_is_named_unless_it_is_secret(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command is there to be pasted, and a password is not for terminals."""
    monkeypatch.setattr(sys, "orig_argv", ["python", words[0]])
    monkeypatch.setattr(sys, "argv", words)
    assert again().startswith(said)
    assert "word@" not in again()
