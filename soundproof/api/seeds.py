"""How many seeds a study is trained on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soundproof.api.options import DEFAULT_MAX_SEEDS, DEFAULT_SEEDS
from soundproof.common.errors import UserError

if TYPE_CHECKING:
    from soundproof.api.options import RunOptions


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeds:
    """How many seeds: `number` fixed beforehand, or at most so many until every claim is decided."""

    number: int
    until_decided: bool

    @classmethod
    def parse(cls, options: "RunOptions") -> "Seeds":
        """The seeds that the options ask for. Raises `UserError` where they contradict each other."""
        if options.until_decided and options.seeds is not None:
            raise UserError(
                "--seeds fixes their number beforehand and --until-decided leaves it open: give one of the two "
                "(with --until-decided, --max-seeds sets the limit)"
            )
        if options.max_seeds is not None and not options.until_decided:
            raise UserError("--max-seeds limits --until-decided, which was not given: add it, or use --seeds")
        if options.until_decided:
            most = DEFAULT_MAX_SEEDS if options.max_seeds is None else options.max_seeds
            return cls(number=most, until_decided=True)
        return cls(number=DEFAULT_SEEDS if options.seeds is None else options.seeds, until_decided=False)
