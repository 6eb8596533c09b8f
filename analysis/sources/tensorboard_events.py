"""TensorBoard's event files, read by the library `tensorboard` alone: neither TensorFlow nor torch.

Every point is read, and none drawn by lot: what TensorBoard shows by default is ten points of a curve of tensors.
Values are mostly 32-bit floats, so 0.1 comes as 0.10000000149011612, as it was written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from soundproof.analysis.sources import run_names
from soundproof.analysis.sources.cells import text_of
from soundproof.analysis.sources.flat_cells import found_of, listed
from soundproof.analysis.sources.folder_trees import files, has_file, relative
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.step_curves import Points, curves_of
from soundproof.common.counting import counted

KIND = "TensorBoard event files"

_ALWAYS_A_PART = ("train", "validation")
_PARTS = (*_ALWAYS_A_PART, "val", "valid", "eval", "test")


@dataclass(kw_only=True, slots=True)
class _Log:
    """What the event files of one folder say: points by tag, settings, and single metrics that go with settings.

    `others` are tags that are no curves. From the step `replaces_from` on a file takes the place of those before it.
    """

    points: dict[str, Points] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    replaces_from: int | None = None

    @property
    def cells(self) -> dict[str, str]:
        """Settings and single metrics."""
        return self.settings | self.metrics

    def add(self, other: "_Log", prefix: str = "") -> None:
        """Take over what another log says, its curves under a longer name."""
        for tag, points in other.points.items():
            self.points.setdefault(prefix + tag, []).extend(points)
        self.settings |= other.settings
        self.metrics |= other.metrics
        self.others |= {prefix + tag for tag in other.others}


def recognises(path: Path) -> bool:
    """Whether event files lie in a folder or below it."""
    return path.is_dir() and has_file(path, _is_event_file)


def read(path: Path) -> Found:
    """The runs of a folder tree of event files, a run a folder, `train/` and `validation/` in one."""
    events = files(path, _is_event_file)
    if not events:
        raise SourceError(f"{path} has no event files (events.out.tfevents...) in it: name the folder that has them.")
    read_file = _reader()
    logs: dict[Path, _Log] = {}
    for file in events:
        log = read_file(file)
        before = logs.setdefault(file.parent, _Log())
        if log.replaces_from is not None:
            _purge(before, log.replaces_from)
        before.add(log)
    _join_groups(logs)
    _join_settings(logs)
    by_run = _joined_parts(path, logs)
    notes: list[str] = []
    runs = tuple(_run(relative(folder, path), log, notes) for folder, log in by_run.items() if log.points or log.cells)
    empty = [relative(folder, path) for folder, log in by_run.items() if not log.points and not log.cells]
    if empty:
        notes.append(f"{counted(len(empty), 'folder')} with event files that hold no numbers: {listed(empty)}.")
    others = sorted({tag for log in by_run.values() for tag in log.others})
    if others:
        notes.append(f"Left out, for it is no curve of numbers: {listed(others)}.")
    return found_of(path, KIND, runs, notes)


def _is_event_file(path: Path) -> bool:
    return path.name.startswith("events.out.tfevents.") and not path.name.endswith(".profile-empty")


def _run(folder: str, log: _Log, notes: list[str]) -> FoundRun:
    """The run of a folder, without what is known to be neither a setting nor a metric."""
    where = f"folder {folder}"
    points = {tag: logged for tag, logged in log.points.items() if not _dropped(tag, logged)}
    curves, replaced = curves_of(where, points)
    cells, unlike = run_names.with_settings(where, run_names.parsed(folder), log.cells)
    notes += replaced + unlike
    return FoundRun(where=where, cells=cells, curves=curves)


def _dropped(tag: str, logged: Points) -> bool:
    """Whether a tag is an epoch's number, Lightning's placeholder, or Keras' twin of a curve over batches."""
    name = tag.rsplit("/", 1)[-1]
    twin = name.startswith("evaluation_") and name.endswith("_vs_iterations")
    return name in {"epoch", "keras"} or twin or (name == "hp_metric" and all(value == -1 for _, value in logged))


def _join_groups(logs: dict[Path, _Log]) -> None:
    """Give back to a run the folders that `add_scalars` made for each curve of a group, as `group/curve`.

    Such a folder is called by both, `loss_train`, and its one tag by the group, `loss`.
    """
    for folder, log in list(logs.items()):
        above = next((other for other in folder.parents if other in logs), None)
        if above is None or len(log.points) != 1 or log.cells:
            continue
        ((tag, points),) = log.points.items()
        group, name = tag.replace("/", "_") + "_", folder.relative_to(above).as_posix()
        if name.startswith(group):
            logs[above].add(_Log(points={f"{tag}/{name.removeprefix(group)}": points}, others=log.others))
            del logs[folder]


def _join_settings(logs: dict[Path, _Log]) -> None:
    """Give back to a run the one folder that `add_hparams` made for its settings; of several, each is a run."""
    sessions = [folder for folder, log in logs.items() if log.cells and not log.points and folder.parent in logs]
    for folder in sessions:
        if sum(other.parent == folder.parent for other in sessions) == 1:
            logs[folder.parent].add(logs.pop(folder))


def _joined_parts(root: Path, logs: dict[Path, _Log]) -> dict[Path, _Log]:
    """The logs by run: `train/` and `validation/` belong to the folder above them, other parts if they have company."""
    runs: dict[Path, _Log] = {}
    for folder, log in logs.items():
        home = folder.parent
        company = home in logs or any(
            beside.parent == home and beside.name in _PARTS for beside in logs.keys() - {folder}
        )
        part = folder != root and (folder.name in _ALWAYS_A_PART or (folder.name in _PARTS and company))
        runs.setdefault(home if part else folder, _Log()).add(log, f"{folder.name}/" if part else "")
    return runs


def _reader() -> Callable[[Path], _Log]:
    """What reads one event file, with the library's own parsers."""
    try:
        from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
        from tensorboard.plugins.hparams import metadata, plugin_data_pb2
        from tensorboard.util.tensor_util import make_ndarray
    except ImportError:
        raise SourceError(
            'Event files are read by the library tensorboard, which is not there: pip install "soundproof[tensorboard]"'
        ) from None

    def read_file(path: Path) -> _Log:
        log = _Log()
        plugins: dict[str, str] = {}
        names: set[str] = set()
        for event in EventFileLoader(str(path)).Load():
            if event.HasField("session_log") and event.session_log.status == event.session_log.START:
                log.replaces_from = event.step
            for value in event.summary.value:
                data = value.metadata.plugin_data
                plugin = plugins.setdefault(value.tag, data.plugin_name)
                if plugin == metadata.PLUGIN_NAME:
                    content = plugin_data_pb2.HParamsPluginData.FromString(data.content)
                    log.settings |= {name: _setting(held) for name, held in content.session_start_info.hparams.items()}
                    names |= {info.name.tag for info in content.experiment.metric_infos}
                elif plugin == "scalars":
                    log.points.setdefault(value.tag, []).append((event.step, float(make_ndarray(value.tensor))))
                elif value.tag != "keras":
                    log.others.add(value.tag)
        return _with_single_metrics(log, names)

    return read_file


def _purge(log: _Log, step: int) -> None:
    """Forget the points from a step on: a writer that goes on there says so."""
    log.points = {tag: [point for point in points if point[0] < step] for tag, points in log.points.items()}


def _with_single_metrics(log: _Log, names: set[str]) -> _Log:
    """A file that holds nothing but the metrics which belong to its settings, one value each, as cells."""
    if names and log.points.keys() <= names and all(len(points) == 1 for points in log.points.values()):
        log.metrics |= {tag: repr(points[0][1]) for tag, points in log.points.items()}
        log.points = {}
    return log


def _setting(held: Any) -> str:
    """A setting's text; all numbers are kept as floats, so a whole one has its decimal point taken away."""
    value = getattr(held, held.WhichOneof("kind") or "string_value")
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return text_of(int(value) if whole else value) or ""
