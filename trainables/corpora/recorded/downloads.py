"""Datasets that torchaudio can fetch, fetched only when the user asks."""

import importlib
import logging
import shutil
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from soundproof.search_spaces.catalogue import choose_name
from soundproof.trainables.corpora.corpus import CorpusError

_LOGGER = logging.getLogger(__name__)

_CLASSES: dict[str, str] = {"gtzan": "GTZAN", "speech-commands": "SPEECHCOMMANDS", "librispeech": "LIBRISPEECH"}
SUBSETS = (
    *("dev-clean", "dev-other", "test-clean", "test-other"),
    *("train-clean-100", "train-clean-360", "train-other-500"),
)
"""Of LibriSpeech, the smallest first."""
_SOURCES: dict[str, str] = {
    "esc10": "https://github.com/karolpiczak/ESC-50",
    "esc50": "https://github.com/karolpiczak/ESC-50",
    "esc50-animals": "https://github.com/karolpiczak/ESC-50",
    "fsdd": "https://github.com/Jakobovski/free-spoken-digit-dataset",
}


def download(dataset: str, folder: Path, subsets: Sequence[str] = ()) -> Path:
    """The folder in `folder` that holds `dataset`, fetched by torchaudio where it is not there yet.

    Of LibriSpeech these `subsets`, by default the smallest, each in a folder of its own. They appear there whole or not
    at all. Raises `CorpusError` where torchaudio does not offer the dataset, where it cannot be fetched or unpacked,
    and where its archive would write outside its own folder; `UnknownNameError` for a subset that does not exist.
    """
    fetch, target = _fetcher(dataset), folder / dataset
    if dataset == "librispeech":
        for subset in [choose_name("subset", name, SUBSETS) for name in subsets or SUBSETS[:1]]:
            _fetch(f"{dataset} {subset}", target / subset, partial(fetch, url=subset))
    elif subsets:
        raise CorpusError(f"only librispeech has subsets to choose from, got {dataset}: leave out --subset")
    else:
        _fetch(dataset, target, fetch)
    return target


def _fetch(dataset: str, target: Path, fetch: Callable[..., Any]) -> None:
    """Fill the folder `target`, where it is not there yet."""
    if target.is_dir():
        _LOGGER.info("%s is not downloaded again: it lies in %s", dataset, target)
        return
    unfinished = target.with_name(f".{target.name}.partial")
    unpacked = unfinished / "unpacked"
    shutil.rmtree(unfinished, ignore_errors=True)  # torchaudio would take what a killed download left for the whole
    try:
        unpacked.mkdir(parents=True)
        with _contained_extraction():
            fetch(root=str(unpacked), download=True)
        for archive in unpacked.glob("*.tar.gz"):
            archive.unlink()
        unpacked.rename(target)
    except (OSError, RuntimeError, EOFError, tarfile.TarError) as error:
        raise CorpusError(
            f"{dataset} cannot be downloaded into {target.parent} ({error}): check the network and the free space, or "
            "download it by other means and give its folder"
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _fetcher(dataset: str) -> Callable[..., Any]:
    """The dataset's class in torchaudio."""
    name = _CLASSES.get(dataset)
    if name is None:
        source = _SOURCES.get(dataset)
        remedy = f"fetch it from {source} and give its folder" if source else "give the folder of your recordings"
        raise CorpusError(f"only {', '.join(_CLASSES)} can be downloaded, got {dataset}: {remedy}")
    importlib.import_module("soundproof.trainables.audio_maths")  # imports torchaudio safely
    try:
        fetcher: Callable[..., Any] = getattr(importlib.import_module("torchaudio.datasets"), name)
    except (ImportError, AttributeError) as error:
        raise CorpusError(
            f"the installed torchaudio does not offer {name}, so {dataset} cannot be downloaded: install torchaudio "
            "2.6 or later, or download the dataset by other means and give its folder"
        ) from error
    return fetcher


@contextmanager
def _contained_extraction() -> Iterator[None]:
    """Archives can write nothing outside their folder: torchaudio's extraction leaves that to Python's default.

    Up to Python 3.13 that default trusts the archive; from 3.11.4 on, it can be set.
    """
    if not hasattr(tarfile, "data_filter"):
        raise CorpusError("archives can be unpacked safely from Python 3.11.4 on: use a later Python")
    before = tarfile.TarFile.extraction_filter
    tarfile.TarFile.extraction_filter = staticmethod(tarfile.data_filter)
    try:
        yield
    finally:
        tarfile.TarFile.extraction_filter = before
