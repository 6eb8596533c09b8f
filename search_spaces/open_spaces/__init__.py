"""The declared search spaces, one file per family."""

from search_spaces.open_spaces.genres import GENRES
from search_spaces.open_spaces.keywords import KEYWORDS
from search_spaces.open_spaces.sounds import SOUNDS
from search_spaces.open_spaces.speech import SPEECH
from search_spaces.open_spaces.speech_recipe import SPEECH_RECIPE
from search_spaces.spaces import SearchSpace

SPACES: tuple[SearchSpace, ...] = (SPEECH, SPEECH_RECIPE, GENRES, SOUNDS, KEYWORDS)

__all__ = ["SPACES"]
