"""Downloads: through torchaudio's own classes, whole or not at all, and never outside their folder."""

import importlib
import io
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.catalogue import UnknownNameError
from soundproof.search_spaces.specs import Cut, LibriSpeech
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.downloads import download
from soundproof.trainables.corpora.recorded.gtzan import open_gtzan
from soundproof.trainables.corpora.recorded.librispeech import open_librispeech
from soundproof.trainables.corpora.recorded.speech_commands import open_speech_commands


def clip() -> bytes:
    """A short WAV file."""
    file = io.BytesIO()
    soundfile.write(file, np.full(1600, 0.5), 16000, format="WAV")
    return file.getvalue()


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """A compressed archive with names exactly as given."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Puts an archive in the place of the network, at torchaudio's own seam; returns the list of what was fetched."""
    importlib.import_module("soundproof.trainables.audio_maths")

    def put(archive: Path | Exception) -> list[str]:
        fetched = []

        def fetch(url: str, destination: str, hash_prefix: str | None = None) -> None:
            fetched.append(url)
            if isinstance(archive, Exception):
                raise archive
            shutil.copy(archive, destination)

        for module in ("gtzan", "speechcommands", "librispeech"):
            monkeypatch.setattr(importlib.import_module(f"torchaudio.datasets.{module}"), "download_url_to_file", fetch)
        return fetched

    return put


def genres() -> dict[str, bytes]:
    """A small GTZAN."""
    names = (f"genres/{genre}/{genre}.{number:05d}.wav" for genre in ("blues", "jazz") for number in range(3))
    return dict.fromkeys(names, clip())


def test_a_download_can_be_opened_and_is_not_repeated(tmp_path, serve):
    """What torchaudio unpacks is what the corpus reads; nothing but the dataset is left, and asking again is free."""
    fetched = serve(pack(tmp_path / "served.tar.gz", genres()))
    folder = download("gtzan", tmp_path / "data")
    assert open_gtzan(folder, Cut(seconds=0.1)).spec.classes == ("blues", "jazz")
    assert download("gtzan", tmp_path / "data") == folder
    assert len(fetched) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["gtzan"]
    assert [path.name for path in folder.iterdir()] == ["genres"]


def test_speech_commands_are_opened_as_they_come(tmp_path, serve):
    """Lists lie inside the archive, and torchaudio puts folders of its own around it."""
    speakers = {"v": "validation_list.txt", "t": "testing_list.txt", "a": None}
    files = dict.fromkeys((f"./{word}/{who}_nohash_0.wav" for word in ("yes", "no") for who in speakers), clip())
    for who, name in speakers.items():
        if name is not None:
            files[f"./{name}"] = f"yes/{who}_nohash_0.wav\nno/{who}_nohash_0.wav\n".encode()
    fetched = serve(pack(tmp_path / "served.tar.gz", files))
    corpus = open_speech_commands(download("speech-commands", tmp_path / "data"), Cut(seconds=0.1))
    assert corpus.spec.classes == ("no", "yes")
    assert fetched == ["http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz"]


def test_subsets_of_librispeech_are_fetched_by_name(tmp_path, serve):
    """Each in a folder of its own, only those that are not there yet; together they are one corpus."""
    with pytest.raises(UnknownNameError, match="dev-clear.*did you mean 'dev-clean'"):
        download("librispeech", tmp_path, ["dev-clear"])
    with pytest.raises(CorpusError, match="only librispeech has subsets"):
        download("gtzan", tmp_path, ["dev-clean"])
    fetched = []
    for subset, speaker in (("dev-clean", "21"), ("test-clean", "31")):
        chapter = f"LibriSpeech/{subset}/{speaker}/7/{speaker}-7"
        files = {f"{chapter}-0000.wav": clip(), f"{chapter}.trans.txt": f"{speaker}-7-0000 YES\n".encode()}
        fetched.append(serve(pack(tmp_path / "served.tar.gz", {**files, "LibriSpeech/README.TXT": b"read"})))
        folder = download("librispeech", tmp_path / "data", () if subset == "dev-clean" else ["dev-clean", subset])
    assert fetched == [[f"http://www.openslr.org/resources/12/{name}.tar.gz"] for name in ("dev-clean", "test-clean")]
    assert sorted(path.name for path in folder.iterdir()) == ["dev-clean", "test-clean"]
    corpus = open_librispeech(folder, LibriSpeech())
    assert [(example.key, example.partition) for example in corpus.examples] == [
        ("21-7-0000", None),
        ("31-7-0000", "test"),
    ]


@pytest.mark.parametrize("name", ["../../../escaped.wav", "genres/../../../../escaped.wav"])
def test_an_archive_cannot_write_outside_its_folder(tmp_path, serve, name):
    """A member that climbs out ends the download with an error, and nothing of it is left anywhere."""
    serve(pack(tmp_path / "served.tar.gz", {**genres(), name: b"evil"}))
    with pytest.raises(CorpusError, match="gtzan cannot be downloaded.*outside the destination"):
        download("gtzan", tmp_path / "data")
    assert not list(tmp_path.rglob("escaped.wav"))
    assert not list((tmp_path / "data").iterdir())


def test_an_archive_cannot_write_through_a_link(tmp_path, serve):
    """Nor by a link that leads out and a file below it."""
    archive = pack(tmp_path / "served.tar.gz", {})
    (tmp_path / "victim").mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        link = tarfile.TarInfo("genres")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "victim")
        tar.addfile(link)
        tar.addfile(tarfile.TarInfo("genres/escaped.wav"))
    serve(archive)
    with pytest.raises(CorpusError, match="gtzan cannot be downloaded"):
        download("gtzan", tmp_path / "data")
    assert not list((tmp_path / "victim").iterdir())


def test_python_s_own_trust_in_archives_is_left_as_it_was(tmp_path, serve):
    """The filter is set for the download alone, whether it succeeds or not."""
    before = tarfile.TarFile.extraction_filter
    serve(OSError("no route to host"))
    with pytest.raises(CorpusError):
        download("gtzan", tmp_path)
    assert tarfile.TarFile.extraction_filter is before


@pytest.mark.parametrize("failure", [OSError("no route to host"), RuntimeError("invalid hash value")])
def test_a_failed_download_leaves_nothing_and_says_why(tmp_path, serve, failure):
    """The next attempt starts afresh, and succeeds."""
    serve(failure)
    with pytest.raises(CorpusError, match=f"gtzan cannot be downloaded into .*{failure}.*check the network"):
        download("gtzan", tmp_path / "data")
    assert not list((tmp_path / "data").iterdir())
    serve(pack(tmp_path / "served.tar.gz", genres()))
    assert download("gtzan", tmp_path / "data").is_dir()


def test_what_a_killed_download_left_is_not_taken_for_the_whole(tmp_path, serve):
    """Half of an unpacked archive is thrown away, not completed by guess."""
    (tmp_path / "data/.gtzan.partial/unpacked/genres/blues").mkdir(parents=True)
    fetched = serve(pack(tmp_path / "served.tar.gz", genres()))
    folder = download("gtzan", tmp_path / "data")
    assert len(fetched) == 1
    assert len(list(folder.rglob("*.wav"))) == 6


@pytest.mark.parametrize(
    ("dataset", "words"), [("esc50", "github.com/karolpiczak/ESC-50"), ("folder", "folder of your recordings")]
)
def test_other_datasets_are_fetched_by_the_user(tmp_path, dataset, words):
    """The message says where from."""
    with pytest.raises(CorpusError, match=f"only gtzan, speech-commands, librispeech can .*, got {dataset}: .*{words}"):
        download(dataset, tmp_path)


def test_a_torchaudio_without_the_class_is_told_of(tmp_path, monkeypatch):
    """Later versions may drop their datasets: an error with a remedy, and not an AttributeError."""
    importlib.import_module("soundproof.trainables.audio_maths")
    monkeypatch.delattr(importlib.import_module("torchaudio.datasets"), "GTZAN")
    with pytest.raises(CorpusError, match="installed torchaudio does not offer GTZAN"):
        download("gtzan", tmp_path)
