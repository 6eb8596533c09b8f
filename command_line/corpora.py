"""Commands about corpora: `describe` and `download`."""

from pathlib import Path
from typing import Annotated

import typer

from soundproof.api.options import DEFAULT_STORAGE, parse_domain, parse_preset
from soundproof.command_line import completion
from soundproof.command_line.printing import print_json, print_tables
from soundproof.command_line.typer_options import (
    AlphabetOption,
    ClipPlaceOption,
    ClipSecondsOption,
    ClipsPerRecordingOption,
    ColumnsOption,
    JsonOption,
    PresetOption,
    StorageOption,
)


def describe(
    corpus: Annotated[
        str, typer.Argument(metavar="CORPUS", help="NAME or NAME:PATH.", autocompletion=completion.corpora)
    ],
    *,
    domain: Annotated[
        str | None, typer.Option("--domain", help="As studies of speech, sounds, genres, tracks or keywords hear it.")
    ] = None,
    preset: PresetOption = "quick",
    columns: ColumnsOption = None,
    clip_seconds: ClipSecondsOption = None,
    clip_place: ClipPlaceOption = None,
    clips_per_recording: ClipsPerRecordingOption = None,
    alphabet: AlphabetOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for description.html and .json.")] = None,
    storage: StorageOption = DEFAULT_STORAGE,
    as_json: JsonOption = False,
) -> None:
    """Show what is in a corpus before anything is trained: counts, durations, broken files, examples."""
    from soundproof.search_spaces import PRESETS
    from soundproof.search_spaces.alphabet_choice import AlphabetChoice
    from soundproof.search_spaces.clip_choice import ClipChoice
    from soundproof.search_spaces.corpus_names import HOME_DOMAINS, CorpusLabel
    from soundproof.trainables.corpora import choose_corpus, open_corpus, parse_corpus, usual_split
    from soundproof.trainables.description import describe_corpus
    from soundproof.trainables.sweeps.storage import Storage
    from soundproof.trainables.training.data.alphabets import Alphabets, spelled

    domain_of_use = HOME_DOMAINS[parse_corpus(corpus).name] if domain is None else parse_domain(domain)
    choice = choose_corpus(corpus, domain_of_use, columns)
    clips = ClipChoice(clip_seconds=clip_seconds, clip_place=clip_place, clips_per_recording=clips_per_recording)
    size = PRESETS[domain_of_use][parse_preset(preset)]
    spelling = AlphabetChoice.parse(alphabet)
    opened = open_corpus(choice, size, clips=clips, skip_broken=True, only_looked_at=True, alphabet=spelling)
    if spelling.made:
        opened = spelled(opened, Alphabets(examples=opened.examples, choice=spelling), usual_split(opened), seed=0)
    label = CorpusLabel(corpus=choice.label, clips=clips, alphabet=spelling)
    folder = out or Storage(root=storage).reports / f"{label}.{domain_of_use}.{preset}"
    description = describe_corpus(opened, folder, name=choice.label)
    if as_json:
        print_json(description.to_plain())
        return
    if domain is None:
        print(f"As studies of {domain_of_use} hear it (--domain for another).")
    print_tables(*description.tables())
    print(f"Page: {description.page}")


def download(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="gtzan, speech-commands or librispeech.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to put it into.")],
    *,
    subset: Annotated[
        list[str] | None,
        typer.Option(
            "--subset",
            help="Of LibriSpeech, as often as needed: train-clean-100, test-clean and so on; by default dev-clean.",
            autocompletion=completion.one_of(*completion.SUBSETS),
        ),
    ] = None,
) -> None:
    """Fetch a public corpus by torchaudio's downloader, and say how to name it."""
    from soundproof.trainables.corpora import parse_corpus
    from soundproof.trainables.corpora.recorded.downloads import download as fetch

    name = parse_corpus(f"{corpus}:{folder}").name
    print(f"{name}:{fetch(name, folder, subset or ())}")
