"""Specs to torch modules, one layer family per file."""

from soundproof.trainables.networks.custom import build_transcriber
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.speech import Speech, measured_parameters

__all__ = ["Frames", "Speech", "build_transcriber", "measured_parameters"]
