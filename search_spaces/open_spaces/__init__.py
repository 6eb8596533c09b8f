"""The declared search spaces, one file per family."""

from soundproof.search_spaces.open_spaces.genres import GENRES
from soundproof.search_spaces.open_spaces.keywords import KEYWORDS
from soundproof.search_spaces.open_spaces.sounds import SOUNDS
from soundproof.search_spaces.open_spaces.speech import SPEECH
from soundproof.search_spaces.open_spaces.speech_attention import SPEECH_ATTENTION
from soundproof.search_spaces.open_spaces.speech_recipe import SPEECH_RECIPE
from soundproof.search_spaces.spaces import SearchSpace

SPACES: tuple[SearchSpace, ...] = (SPEECH, SPEECH_RECIPE, SPEECH_ATTENTION, GENRES, SOUNDS, KEYWORDS)

__all__ = ["SPACES"]
