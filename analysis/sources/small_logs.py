"""Logs of smaller tools: DVCLive's and Sacred's folders, SpeechBrain's training logs, Trackio's databases."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from soundproof.analysis.sources.cells import number, text_of
from soundproof.analysis.sources.databases import database_file, has_tables, opened, rows
from soundproof.analysis.sources.flat_cells import flattened
from soundproof.analysis.sources.folder_trees import text_of_file
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.yaml_settings import refuse_endless
from soundproof.common.json_texts import parsed
from soundproof.common.record import Curve

TWO_DECIMALS = "Values of train_log.txt have two decimals: equal ones may be rounding."
_EPOCH_LINE = re.compile(r"[Ee]poch(?P<loaded> loaded)?: (?P<epoch>\d{1,9})(?=[ ,])")
_DVCLIVE, _SACRED, _SPEECHBRAIN, _TRACKIO = "DVCLive", "Sacred", "SpeechBrain", "Trackio"


def recognises(path: Path) -> bool:
    """Whether one of these tools wrote it: a folder with such logs in or below it, a log, or a database."""
    return bool(_kind(path))


def read(path: Path) -> Found:
    """The runs that the tool left there. Raises `SourceError` where there are none."""
    kind = _kind(path)
    if kind is None:
        raise SourceError(
            f"expected logs of DVCLive, Sacred, SpeechBrain or Trackio at {path}, found none: name the folder that the "
            "tool writes, a train_log.txt or a Trackio database"
        )
    runs = tuple(_READERS[kind](path))
    if not runs:
        raise SourceError(f"expected runs of {kind} in {path}, found none: name the folder or file that has them")
    columns = tuple(dict.fromkeys(column for run in runs for column in run.cells))
    states = Counter(run.state for run in runs if run.state not in {None, "COMPLETED"})
    notes = [f"Runs in state {state}: {count} of {len(runs)}." for state, count in states.items()]
    return Found(
        name=str(path),
        kind=f"runs of {kind}",
        columns=columns,
        runs=runs,
        notes=(*notes, TWO_DECIMALS) if kind == _SPEECHBRAIN else tuple(notes),
        hints={"seed": "seed"} if kind == _SACRED else {},
    )


def _kind(path: Path) -> str | None:
    if path.is_file():
        file = database_file(str(path))
        if file is not None:
            return _TRACKIO if has_tables(file, "metrics", "configs") and not has_tables(file, "experiments") else None
        return _SPEECHBRAIN if path.name == "train_log.txt" and any(_trainings(path)) else None
    found = ((_DVCLIVE, _dvclive_folders), (_SACRED, _sacred_folders), (_SPEECHBRAIN, _training_logs))
    return next((kind for kind, folders in found if folders(path)), None)


def _json(file: Path) -> dict[str, Any]:
    """A file with one object, in Python's JSON, which has NaN and Infinity; nothing where there is no such file."""
    try:
        found = parsed(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SourceError(f"expected JSON in {file}: {error}. Mend the file, or move its run elsewhere") from error
    if not isinstance(found, dict):
        raise SourceError(f"expected an object in {file}, got {type(found).__name__}: name the folder of another tool")
    return found


def _cells(values: Mapping[str, Any]) -> dict[str, str]:
    texts = {name: text_of(value) for name, value in values.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _points(pairs: Iterable[tuple[Any, Any]]) -> Curve:
    """Step and value where both are numbers, by step; what is logged twice at a step counts as it was last."""
    found: dict[int, float] = {}
    for step, value in pairs:
        at, measured = (None if isinstance(it, bool | dict | list) else number(str(it)) for it in (step, value))
        if at is not None and measured is not None and at.is_integer():
            found[int(at)] = measured
    return tuple(sorted(found.items()))


def _items(value: Any) -> list[Any]:
    """A list of JSON; none where it is something else."""
    return value if isinstance(value, list) else []


def _below(folder: Path, root: Path) -> str | None:
    """The folder's place below what was given, as a cell; None for that itself."""
    return None if folder == root else folder.relative_to(root).as_posix()


def _dvclive_folders(path: Path) -> list[Path]:
    return sorted(found.parents[1] for found in path.rglob("plots/metrics") if found.is_dir())


def _dvclive(path: Path) -> Iterable[FoundRun]:
    """What DVCLive writes beside its plots; values may be newer than the `step` in metrics.json."""
    for folder in _dvclive_folders(path):
        curves = {}
        for file in sorted(folder.glob("plots/metrics/**/*.tsv")):
            header, *lines = text_of_file(file).splitlines() or [""]
            if header.split("\t")[0] == "step":
                name = file.relative_to(folder / "plots" / "metrics").with_suffix("").as_posix()
                curves[name] = _points(line.split("\t", 1) for line in lines if "\t" in line)  # type: ignore[misc]
        values = {name: value for name, value in flattened(_json(folder / "metrics.json")) if name != "step"}
        cells = _cells({"folder": _below(folder, path)} | _yaml(folder / "params.yaml") | values)
        yield FoundRun(where=f"folder {folder}", cells=cells, curves=curves)


def _yaml(file: Path) -> dict[str, Any]:
    """Parameters, as they stand in the file: a level written 1.0 stays 1.0, and 007 stays 007."""
    import yaml

    try:
        found = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # texts alone
        refuse_endless(found)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SourceError(f"expected YAML in {file}: {error}. Mend the file, or move its run elsewhere") from error
    return dict(flattened(found)) if isinstance(found, dict) else {}


def _sacred_folders(path: Path) -> list[Path]:
    """Numbered ones in their order; `_sources` and the like are none."""
    found = [file.parent for file in path.glob("**/run.json") if (file.parent / "config.json").is_file()]
    return sorted(
        found, key=lambda folder: (folder.parent, int(folder.name) if folder.name.isdecimal() else -1, folder)
    )


def _sacred(path: Path) -> Iterable[FoundRun]:
    for folder in _sacred_folders(path):
        about, metrics = _json(folder / "run.json"), _json(folder / "metrics.json")
        curves = {
            name: _points(zip(_items(series.get("steps")), _items(series.get("values")), strict=False))
            for name, series in metrics.items()
            if isinstance(series, dict)
        }
        experiment = about.get("experiment")
        said = {
            "folder": _below(folder, path),
            "experiment": experiment.get("name") if isinstance(experiment, dict) else None,
        }
        last = {name: points[-1][1] for name, points in curves.items() if points}
        result = about.get("result")
        results = dict(flattened({"result": result})) if isinstance(result, dict) else {"result": result}
        yield FoundRun(
            where=f"folder {folder}",
            cells=_cells(said | dict(flattened(_json(folder / "config.json"))) | last | results),
            curves={name: points for name, points in curves.items() if points},
            state=None if about.get("status") is None else str(about["status"]),
        )


def _training_logs(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("train_log.txt") if any(_trainings(file)))


def _trainings(file: Path) -> list[list[tuple[bool, int, dict[str, str]]]]:
    """The trainings in a log, which appends: a new one begins where the epochs begin again.

    A line is (of the test?, epoch, texts by name).
    """
    trainings: list[list[tuple[bool, int, dict[str, str]]]] = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        found = _EPOCH_LINE.match(line)
        if found is None:
            continue
        pairs = [part.rsplit(": ", 1) for part in re.split(r" - |, ", line[found.end() :]) if ": " in part]
        of_test, epoch = found["loaded"] is not None, int(found["epoch"])
        earlier = [number for tested, number, _ in trainings[-1] if not tested] if trainings else []
        if not trainings or (not of_test and earlier and epoch <= earlier[-1]):
            trainings.append([])
        trainings[-1].append((of_test, epoch, {name.strip(): value.strip() for name, value in pairs}))
    return trainings


def _speechbrain(path: Path) -> Iterable[FoundRun]:
    root = path if path.is_dir() else path.parent
    for file in _training_logs(path) if path.is_dir() else [path]:
        trainings = _trainings(file)
        for index, lines in enumerate(trainings, start=1):
            epochs = [(epoch, values) for tested, epoch, values in lines if not tested]
            names = dict.fromkeys(name for _, values in epochs for name in values)
            last: dict[str, str] = {}
            for *_, values in lines:
                last |= values
            which = f"training {index} in " if len(trainings) > 1 else ""
            yield FoundRun(
                where=f"{which}{file}",
                cells=_cells({"folder": _below(file.parent, root), "training": index if which else None} | last),
                curves={name: _points((epoch, values.get(name)) for epoch, values in epochs) for name in names},
            )


def _trackio(path: Path) -> Iterable[FoundRun]:
    """Runs may share a name: their id is the key, in the versions that have one."""
    with opened(path) as database:
        columns = {column for _, column, *_ in rows(database, "PRAGMA table_info(metrics)")}
        key = "run_id" if "run_id" in columns else "run_name"
        logged = rows(database, f"SELECT {key}, run_name, step, metrics FROM metrics ORDER BY id")  # noqa: S608
        configs = dict(rows(database, f"SELECT {key}, config FROM configs"))  # noqa: S608
    for identity in dict.fromkeys(row[0] for row in logged):
        mine = [
            (name, step, dict(flattened(_object(metrics)))) for run, name, step, metrics in logged if run == identity
        ]
        names = dict.fromkeys(metric for *_, values in mine for metric in values)
        last: dict[str, Any] = {}
        for *_, values in mine:
            last |= values
        config = {name: value for name, value in flattened(_object(configs.get(identity))) if name[:1] != "_"}
        curves = {name: _points((step, values.get(name)) for _, step, values in mine) for name in names}
        yield FoundRun(
            where=f"run {mine[0][0]} ({identity})",
            cells=_cells({"run name": mine[0][0]} | config | last),
            curves={name: points for name, points in curves.items() if points},
        )


def _object(text: Any) -> dict[str, Any]:
    try:
        found = parsed(text) if text else {}
    except (TypeError, ValueError, AttributeError) as error:
        raise SourceError(f"expected JSON in Trackio's tables: {error}. Export the project as CSV instead") from error
    return found if isinstance(found, dict) else {}


_READERS: Mapping[str, Callable[[Path], Iterable[FoundRun]]] = {
    _DVCLIVE: _dvclive,
    _SACRED: _sacred,
    _SPEECHBRAIN: _speechbrain,
    _TRACKIO: _trackio,
}
