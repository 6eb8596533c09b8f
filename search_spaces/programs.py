"""Anybody's training program as variants: a command with names in braces, and the values that they take.

    python train.py --seed {seed} --lr {lr} --out {folder}

No shell reads the command: it is cut into words once, as a shell would, and each word is filled by itself, so that a
value with spaces stays one word and one with a semicolon starts nothing.
"""

import itertools
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from soundproof.common.errors import UserError
from soundproof.search_spaces.studies import Arm, Level

SEED = "seed"
FOLDER = "folder"
"""The run's own folder."""
VARIANT = "variant"
GIVEN = (SEED, FOLDER, VARIANT)
"""Names that every run has a value for."""


class CommandError(UserError):
    """A command, or values for it, that no runs can be made of. The message says what to write instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandTemplate:
    """A command's words with names in braces; `{{` and `}}` stand for braces themselves."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "CommandTemplate":
        """Cut it into words. Raises `CommandError` for a quotation mark alone, and for braces that hold no name."""
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise CommandError(f"--command expects a command as a shell reads it, got {text!r}: {error}") from error
        if not words:
            raise CommandError("--command expects a program and its arguments, got nothing")
        template = cls(text=text, words=words)
        template.names  # noqa: B018  # names that are none are found here
        return template

    @property
    def names(self) -> frozenset[str]:
        """The names in braces. Raises `CommandError`."""
        return frozenset(name for word in self.words for _, name in _parts(word) if name is not None)

    def filled(self, values: Mapping[str, str]) -> list[str]:
        """The words of one run.

        >>> CommandTemplate.parse("train --lr {lr} --note 'lr is {lr}'").filled({"lr": "0.1 or so"})
        ['train', '--lr', '0.1 or so', '--note', 'lr is 0.1 or so']
        """
        return [
            "".join(text + ("" if name is None else values[name]) for text, name in _parts(word)) for word in self.words
        ]


def _parts(word: str) -> Iterator[tuple[str, str | None]]:
    """Text, and the name in the braces behind it."""
    try:
        for text, name, form, conversion in Formatter().parse(word):
            if name is not None and (form or conversion or not name.isidentifier()):
                raise ValueError(f"{name!r} is no name")
            yield text, name
    except ValueError as error:
        raise CommandError(
            f"--command expects names in braces, such as {{seed}}, got {word!r} ({error}): write {{{{ and }}}} for "
            "braces that stay"
        ) from error


def grid(factors: Mapping[str, Sequence[str]]) -> tuple[Arm, ...]:
    """Variants of all combinations of values, the first factor slowest."""
    names = list(factors)
    return arms([dict(zip(names, values, strict=True)) for values in itertools.product(*factors.values())])


def arms(settings: Sequence[Mapping[str, str]]) -> tuple[Arm, ...]:
    """A variant for each combination. Raises `CommandError` where one comes twice, and where there are not two."""
    found = [
        Arm(id=_name(values), levels=tuple(Level(factor=name, value=value) for name, value in values.items()))
        for values in settings
    ]
    twice = [arm.id for place, arm in enumerate(found) if arm in found[:place]]
    if twice:
        raise CommandError(f"variants have to differ, got {twice[0]!r} twice")
    if len(found) < 2:
        raise CommandError(
            "there is nothing to compare: give two values or more to a name in the command, --vary lr=0.1,0.01"
        )
    return tuple(found)


def check(template: CommandTemplate, variants: Sequence[Arm], *, seeded: bool) -> None:
    """Raise `CommandError` where the command has names without values, or values have no place in it."""
    known = {level.factor for variant in variants for level in variant.levels}
    reserved = sorted(known & set(GIVEN))
    if reserved:
        raise CommandError(f"{reserved[0]!r} is what each run has of its own: call what varies otherwise")
    missing = sorted(template.names - known - set(GIVEN))
    if missing:
        raise CommandError(
            f"the command has {{{missing[0]}}}, which has no value: give --vary {missing[0]}=A,B, or write "
            f"{{{{{missing[0]}}}}} where the braces are meant"
        )
    unused = [] if VARIANT in template.names else sorted(known - template.names)
    if unused:
        raise CommandError(
            f"{unused[0]!r} varies and has no place in the command, so that runs would not differ by it: write "
            f"{{{unused[0]}}} where its value belongs"
        )
    if seeded and SEED not in template.names:
        raise CommandError(
            "the command has no {seed}: write it where the program takes its seed, or say --unpaired where each run "
            "draws its own"
        )


def parse_factor(text: str) -> tuple[str, tuple[str, ...]]:
    """`lr=0.1,0.01` as a name and its values. Raises `CommandError`."""
    name, sign, values = text.partition("=")
    found = tuple(value.strip() for value in values.split(","))
    if not sign or not name.strip().isidentifier() or not all(found):
        raise CommandError(f"--vary expects NAME=VALUE,VALUE,..., got {text!r}")
    if len(set(found)) < len(found):
        raise CommandError(f"--vary expects values that differ, got {text!r}")
    return name.strip(), found


def _name(values: Mapping[str, str]) -> str:
    """As `judge` calls variants: the level of one factor, `factor=level` of several."""
    levels = list(values.items())
    return levels[0][1] if len(levels) == 1 else ", ".join(f"{factor}={level}" for factor, level in levels)
