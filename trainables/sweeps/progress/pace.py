"""How fast a sweep goes, by its recent past alone: what lies further back was often another pace."""

from collections import deque

_RECENT_SECONDS = 30.0
_AT_ONCE_SECONDS = 0.05
"""Epochs that are reported within that time were reported together."""


class Pace:
    """The pace by how many epochs have been trained, and when. It begins with the first that is reported.

    What lies before, the start of the actors above all, is no part of it. Of the past it keeps the recent seconds,
    and at least one epoch of every trial that runs.
    """

    def __init__(self) -> None:
        self._reported: deque[tuple[float, int]] = deque()
        self._batch = 0.0
        """When the first of those was reported that were reported together with the last one."""

    @property
    def begun(self) -> bool:
        """Whether anything was reported."""
        return bool(self._reported)

    def report(self, now: float, epochs: int, running: int) -> None:
        """So many epochs have been trained by now, a moment in seconds; so many trials run."""
        if self._reported and now - self._batch < _AT_ONCE_SECONDS:
            self._reported.pop()
        else:
            self._batch = now
        self._reported.append((now, epochs))
        while len(self._reported) > 2 and self._is_past(*self._reported[1], now, epochs - running):
            self._reported.popleft()

    def per_second(self, running: int) -> float | None:
        """Epochs in a second; None until there is one of every trial that runs."""
        if not self._reported:
            return None
        (began, before), (now, epochs) = self._reported[0], self._reported[-1]
        return (epochs - before) / (now - began) if epochs - before >= running and now > began else None

    def seconds_left(self, now: float, epochs: int, running: int) -> float | None:
        """Until so many more epochs are trained; what has passed since the last one was reported is part of that."""
        pace = self.per_second(running)
        return None if pace is None else max(0.0, epochs / pace - (now - self._reported[-1][0]))

    @staticmethod
    def _is_past(moment: float, done: int, now: float, enough: int) -> bool:
        return now - moment >= _RECENT_SECONDS and done <= enough
