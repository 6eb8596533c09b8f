"""What the scripts of studies and of searches have in common: how they begin, and on what they run."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from typing import get_args

from soundproof.analysis.exports.plain_text import on_one_line
from soundproof.analysis.exports.source import text
from soundproof.search_spaces.corpus_names import corpus_argument
from soundproof.search_spaces.presets import preset_argument
from soundproof.search_spaces.specs import Spec
from soundproof.search_spaces.specs.custom_networks import CustomNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Preset, corpus and split as the command line takes them. `has_files`: the corpus is read from files."""

    preset: str
    epochs: int | None
    corpus: str
    split: str | None
    has_files: bool

    @classmethod
    def of(cls, preset: str, corpus: str) -> Place:
        """What the record's names of preset and corpus stand for."""
        size, _, epochs = preset_argument(preset).partition(" --epochs ")
        named, _, split = corpus_argument(corpus).partition(" --split ")
        name, colon, _ = named.partition(":")
        return cls(
            preset=size, epochs=int(epochs) if epochs else None, corpus=name, split=split or None, has_files=bool(colon)
        )

    def arguments(self, *, custom_networks: bool) -> str:
        """The lines of a script that read its own arguments, a file with networks of the user's among them or not."""
        lines = ["    parser = argparse.ArgumentParser(description=__doc__)"]
        if custom_networks:
            lines += ['    parser.add_argument("networks", type=Path, help="the Python file with the networks")']
        if self.has_files:
            lines += [
                f'    parser.add_argument("files", help="where the files of the corpus {self.corpus} lie")',
                '    parser.add_argument("--skip-broken", action="store_true", help="leave out broken recordings")',
            ]
        lines += ['    parser.add_argument("--storage", type=Path, default=Path("soundproof-store"))']
        lines += ["    given = parser.parse_args()", *(["    load_file(given.networks)"] if custom_networks else [])]
        return "\n".join(lines)

    @property
    def options(self) -> str:
        """The lines of a script that say on what it runs."""
        corpus = f'f"{self.corpus}:{{given.files}}"' if self.has_files else text(self.corpus)
        words = [f"preset={text(self.preset)}", f"corpus={corpus}"]
        words += [] if self.split is None else [f"split={text(self.split)}"]
        words += [] if self.epochs is None else [f"epochs={self.epochs}"]
        words += ["skip_broken=given.skip_broken"] if self.has_files else []
        lines = [f"        {word}," for word in (*words, "storage=given.storage")]
        return "\n".join(["    options = SessionOptions(", *lines, "    )"])


def has_custom_networks(declared: Spec) -> bool:
    """Whether a study or a space has networks that a file of the user's defines."""
    return any(f'"{cls.__name__}"' in declared.to_json() for cls in get_args(CustomNetwork))


def docstring(*lines: str) -> str:
    """A docstring of these lines, whatever users wrote in them."""
    safe = [on_one_line(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"""' + "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in safe) + '\n"""'


def how_to_run() -> tuple[str, ...]:
    """The lines of a docstring that say it."""
    return (
        "Run it with a Python that has Soundproof, from the folder of run_search.py unless it is installed. The",
        "same command again goes on where it stopped.",
    )


def version() -> str:
    """Of the Soundproof that writes the script."""
    return importlib.metadata.version("soundproof")


IMPORTED = (
    ("soundproof.api.options", "SessionOptions"),
    ("soundproof.api.report_page", "ReportPage"),
    ("soundproof.api.session", "Session"),
    ("soundproof.api.training", "train"),
    ("soundproof.command_line.exit_status", "exit_with_status"),
    ("soundproof.command_line.printing", "print_report"),
)
"""What both kinds of script import, by module and name."""

LOADS_FILE = ("soundproof.search_spaces.custom", "load_file")
"""What it imports besides where there are networks of the user's."""

ENDING = """

if __name__ == "__main__":
    exit_with_status(main)
"""
