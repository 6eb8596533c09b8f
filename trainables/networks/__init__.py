"""Specs to torch modules, one layer family per file."""

from trainables.networks.frames import Frames
from trainables.networks.speech import Speech, measured_parameters

__all__ = ["Frames", "Speech", "measured_parameters"]
