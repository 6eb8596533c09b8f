"""Corpora that were chosen, opened: their files examined, and what has to be known of them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from soundproof.search_spaces import corpus_names, specs
from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.clip_choice import ClipChoice, ClipChoiceError
from soundproof.search_spaces.corpus_names import CorpusName
from soundproof.search_spaces.presets import PRESETS, Preset
from soundproof.search_spaces.specs import SyntheticSpeech
from soundproof.trainables.corpora.byte_pairs import check_available
from soundproof.trainables.corpora.choosing import CorpusChoice
from soundproof.trainables.corpora.corpus import Corpus, CorpusError, Remark
from soundproof.trainables.corpora.embedded.synthetic_genres import make_synthetic_genres
from soundproof.trainables.corpora.embedded.synthetic_keywords import make_synthetic_keywords
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.corpora.recorded.class_folders import open_class_folders
from soundproof.trainables.corpora.recorded.clip_files import LabelledClipsCorpus
from soundproof.trainables.corpora.recorded.connected_digits import open_connected_digits
from soundproof.trainables.corpora.recorded.esc50 import open_esc
from soundproof.trainables.corpora.recorded.gtzan import open_gtzan
from soundproof.trainables.corpora.recorded.hearing import measure_hearing, place_words
from soundproof.trainables.corpora.recorded.identical import Targets
from soundproof.trainables.corpora.recorded.labelled_manifest import open_labelled, open_labelled_manifest
from soundproof.trainables.corpora.recorded.layouts import (
    audio_folder,
    emotions,
    lhotse_manifests,
    listed,
    transcribed,
)
from soundproof.trainables.corpora.recorded.librispeech import open_librispeech
from soundproof.trainables.corpora.recorded.manifest import open_manifest, open_transcribed
from soundproof.trainables.corpora.recorded.near_duplicates import Sound, find_near_duplicates
from soundproof.trainables.corpora.recorded.silence import listen
from soundproof.trainables.corpora.recorded.speech_commands import open_speech_commands
from soundproof.trainables.corpora.recorded.spoken_digits import open_spoken_digits
from soundproof.trainables.corpora.recorded.tables import Table
from soundproof.trainables.corpora.recorded.transcribed_files import TranscribedCorpus
from soundproof.trainables.corpora.sides import fixed_side, group_name, heavy_group, sides_remarks

_Recorded = LabelledClipsCorpus | TranscribedCorpus


def usual_split(corpus: Corpus) -> specs.Split:
    """By the corpus's own folds where it has them, else by speakers or recordings.

    By their amounts of data where one of them has much of it.
    """
    if all(example.fold is not None for example in corpus.examples):
        return specs.FoldSplit()
    return specs.GroupSplit(share_of="groups" if heavy_group(corpus.examples) is None else "examples")


def open_corpus(
    choice: CorpusChoice,
    preset: Preset,
    *,
    clips: ClipChoice | None = None,
    skip_broken: bool = False,
    skip_impossible: bool = False,
    only_looked_at: bool = False,
    alphabet: AlphabetChoice = AlphabetChoice(),  # noqa: B008  # frozen
) -> Corpus:
    """The corpus at the size of `preset`; embedded ones are made when their audio is asked for.

    Arguments:
        choice: As `choose_corpus` gives it.
        preset: Decides how many examples an embedded corpus has, and how the clips of any corpus are cut.
        clips: Which parts of recordings become clips, where that is not left to the preset.
        skip_broken: Leave out recordings that cannot be used; `skipped` of the corpus names them.
        skip_impossible: Leave out utterances with too little sound for their transcript; a remark names them.
        alphabet: What transcripts are spelled with; other than English, they may be in any language.
        only_looked_at: Nothing will be compared on it, so that nobody has to choose what is heard.

    Returns:
        Examples in a fixed order, and their audio on demand.

    Raises:
        CorpusError: Files or lines cannot be used; the message names every one of them.
        UserError: The corpus has no clips of that kind, or most of its sound would not be heard and nobody chose that.
    """
    sizes, clips = preset.corpus, clips or ClipChoice()
    if isinstance(sizes, SyntheticSpeech):
        if clips.made:
            raise ClipChoiceError(f"utterances are heard whole, got {clips.options}: leave it out for a speech corpus")
        if alphabet.units:
            check_available()
        speech = _open_speech(choice, sizes, alphabet, skip_broken=skip_broken, skip_impossible=skip_impossible)
        return _looked_at(speech) if isinstance(speech, TranscribedCorpus) else speech
    if alphabet.made:
        raise CorpusError(f"classes are not spelled, got --alphabet {alphabet.option}: leave it out")
    if skip_impossible:
        raise CorpusError("--skip-impossible is for utterances with transcripts, got a corpus of classes: leave it out")
    assert sizes.task == "classification"
    cut = clips.applied(sizes.cut)
    if choice.path is None:
        if clips.clip_place not in (None, "start"):
            raise ClipChoiceError(
                f"{choice.name} is made at the length of its clips, got --clip-place {clips.clip_place}: leave it out"
            )
        return _make_clips(choice.name, preset, cut)
    told = {"columns": choice.columns} if choice.columns else {}
    if choice.name in LISTED:
        opened = open_labelled(LISTED[choice.name](choice.path), cut, skip_broken=skip_broken)
    else:
        opened = _LAYOUTS[choice.name](choice.path, cut, skip_broken=skip_broken, **told)
    decides = not only_looked_at and preset.name != "smoke" and choice.name in OF_ANY_LENGTH
    return _looked_at(_heard(opened, must_choose=decides and not clips.made))


def _looked_at(corpus: _Recorded) -> Corpus:
    """The corpus of files with what is to be said of its sides, and of recordings that are silent or heard twice."""
    transcribed = isinstance(corpus, TranscribedCorpus)
    one_class = isinstance(corpus.spec, specs.LabelledClips)
    told = sides_remarks(corpus.examples, transcribed=transcribed, needs_test=one_class)
    folder, files = _files(corpus)
    targets: Targets = "transcripts" if transcribed else "classes"
    if any(example.value is not None for example in corpus.examples):
        targets = "values"
    near = find_near_duplicates(_sounds(corpus)).remarks(targets)
    remarks: tuple[Remark, ...] = (*corpus.remarks, *told, *near, *listen(folder, files).remarks())
    return replace(corpus, remarks=remarks)


def _heard(corpus: LabelledClipsCorpus, *, must_choose: bool) -> LabelledClipsCorpus:
    """The corpus with what is to be said of the sound that no clip holds.

    Raises `CorpusError` where that is most of it and somebody `must_choose` what is heard, who has not.
    """
    hearing, cut = measure_hearing(corpus), corpus.spec.cut
    remarks = tuple(hearing.remarks(cut))
    if hearing.energy < LEAST_HEARD and must_choose:
        raise CorpusError(
            f"{remarks[0].text}. Most of what was recorded would not be heard, so choose what is: --clip-place loudest "
            f"hears the loudest {cut.seconds:g} s, --clip-place whole all of every recording (own-length without "
            "silence up to the longest), --clip-seconds another length, --clips-per-recording more of them, and "
            f"--clip-place start {place_words(cut)} all the same"
        )
    return replace(corpus, remarks=(*corpus.remarks, *remarks))


def _files(corpus: _Recorded) -> tuple[Path, list[Path]]:
    """All files of a corpus, and the folder from which they are named."""
    if isinstance(corpus, LabelledClipsCorpus):
        return corpus.folder, [corpus.folder / name for name in corpus.durations]
    return Path(os.path.commonpath([path.parent for path in corpus.paths])), list(corpus.paths)


def _sounds(corpus: _Recorded) -> list[Sound]:
    """The recordings of a corpus, each once, whatever is cut from it."""
    if isinstance(corpus, TranscribedCorpus):
        return [
            Sound(name=one.key, target=one.target, group=group_name(one), side=fixed_side(one), path=path, part=part)
            for one, path, part in zip(corpus.examples, corpus.paths, corpus.parts, strict=True)
        ]
    sounds: dict[str, Sound] = {}
    for one, place in zip(corpus.examples, corpus.places, strict=True):
        key = place.name + (place.part.suffix if place.part else "")
        if key in corpus.durations and key not in sounds:
            path = corpus.folder / place.name
            sounds[key] = Sound(
                name=key, target=one.target, group=group_name(one), side=fixed_side(one), path=path, part=place.part
            )
    return list(sounds.values())


LEAST_HEARD = 0.5
"""Part of a recording's energy, on average."""

OF_ANY_LENGTH: frozenset[CorpusName] = frozenset({"folder", "manifest", "audio-folder", "fsd50k"})
"""Corpora of recordings of any length. Those of the others have one, and their studies are documented for it."""


def _open_speech(
    choice: CorpusChoice, sizes: SyntheticSpeech, alphabet: AlphabetChoice, *, skip_broken: bool, skip_impossible: bool
) -> Corpus:
    if choice.path is None:
        return make_synthetic_speech(sizes)
    if choice.name == "fsdd":
        utterances = sizes.train_utterances + sizes.validation_utterances
        spec = specs.ConnectedDigits(utterances=utterances, test_utterances=sizes.test_utterances)
        return open_connected_digits(choice.path, spec, skip_broken=skip_broken)
    if choice.name == "librispeech":
        limited = choice.limit
        return open_librispeech(
            choice.path, limited, skip_broken=skip_broken, skip_impossible=skip_impossible, alphabet=alphabet
        )
    told: dict[str, Any] = {"skip_broken": skip_broken, "skip_impossible": skip_impossible, "alphabet": alphabet}
    if choice.name in LISTED:
        return open_transcribed(LISTED[choice.name](choice.path), specs.ManifestSpeech(), **told)
    return open_manifest(choice.path, specs.ManifestSpeech(), columns=choice.columns, **told)


def _make_clips(name: CorpusName, preset: Preset, cut: specs.Cut) -> Corpus:
    """An embedded corpus of any domain, its clips cut as the study's preset wants them; a keyword is one clip."""
    kind, make = _EMBEDDED_CLIPS[name]
    home: Any = preset.corpus
    if not isinstance(home, kind):
        home = PRESETS[corpus_names.HOME_DOMAINS[name]][preset.name].corpus
    return make(replace(home, cut=replace(cut, per_recording=1) if kind is specs.SyntheticKeywords else cut))


_EMBEDDED_CLIPS: Mapping[CorpusName, tuple[type, Callable[[Any], Corpus]]] = {
    "synthetic-keywords": (specs.SyntheticKeywords, make_synthetic_keywords),
    "synthetic-sounds": (specs.SyntheticSounds, make_synthetic_sounds),
    "synthetic-genres": (specs.SyntheticGenres, make_synthetic_genres),
}

_LAYOUTS: Mapping[CorpusName, Callable[..., LabelledClipsCorpus]] = {
    "fsdd": open_spoken_digits,
    "esc10": partial(open_esc, "esc10"),
    "esc50": partial(open_esc, "esc50"),
    "esc50-animals": partial(open_esc, "esc50-animals"),
    "gtzan": open_gtzan,
    "speech-commands": open_speech_commands,
    "folder": open_class_folders,
    "manifest": open_labelled_manifest,
}

LISTED: Mapping[CorpusName, Callable[[Path], Table]] = {
    "common-voice": listed.common_voice,
    "kaldi": transcribed.kaldi,
    "lhotse": lhotse_manifests.lhotse_manifests,
    "ljspeech": listed.ljspeech,
    "an4": transcribed.an4,
    "timit": transcribed.timit,
    "audio-folder": audio_folder.audio_folder,
    "urbansound8k": listed.urbansound8k,
    "fsd50k": listed.fsd50k,
    "ravdess": emotions.ravdess,
    "crema-d": emotions.crema_d,
}
"""Published layouts that are read as tables."""
