"""When further epochs are not worth their time."""

from __future__ import annotations

import math

from soundproof.search_spaces.specs import PlateauStopping


class Plateau:
    """Watches a loss that should fall. With no spec it never stops a trial."""

    def __init__(self, spec: PlateauStopping | None) -> None:
        self.spec = spec
        self.lowest = math.inf
        self.epochs_without_improvement = 0

    def reached(self, loss: float) -> bool:
        """Take the loss of one more epoch; true when patience has run out."""
        if self.spec is None:
            return False
        if loss < self.lowest - self.spec.minimum_improvement:
            self.lowest = loss
            self.epochs_without_improvement = 0
        else:
            self.epochs_without_improvement += 1
        return self.epochs_without_improvement >= self.spec.patience_epochs
