"""The components of a variant: what can be set back to a baseline, or taken out, one at a time or together.

Components are edits of the variant's JSON form, so that any number of them is made at once and the result is checked
once, as a whole: one layer of two with something between them is no network, one layer with nothing between is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from soundproof.search_spaces.specs import Plain
from soundproof.search_spaces.studies import Variant

EVERY = "*"

_PARTS = ("features", "network", "recipe", "split")
_DEPTH = ("recurrent", "layers")


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One field of a variant: it becomes `value`, or loses the items of class `without` where that is given.

    In a path a number stands for one item of a sequence, `EVERY` for each. A field whose owner is not there (a sublayer
    of a convolution that another edit took out) stays not there.
    """

    path: tuple[str, ...]
    value: Plain = None
    without: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """What one component is called and how it is left out.

    `present` names it ("dropout in the convolution"), `absent` a variant that lacks it ("without dropout in the
    convolution"), `slug` both in an id. As a factor it is called `name`, with two
    `levels`: as in the target, and without it. `sides` are the same in words that stand alone.
    """

    slug: str
    name: str
    levels: tuple[str, str]
    sides: tuple[str, str]
    present: str
    absent: str
    edits: tuple[Edit, ...]


def leave_out(target: Variant, components: Iterable[Component]) -> Variant:
    """`target` without these components, under the same id. Raises `SpecError` when that cannot be built."""
    plain = target.to_plain()
    for component in components:
        for edit in component.edits:
            _apply(plain, edit)
    return Variant.from_plain(plain)


def differences(target: Variant, baseline: Variant) -> tuple[Component, ...]:
    """The fields of features, network, recipe and split in which the two differ, each as deep down as classes agree.

    A sequence of sublayers is one field: its order is part of it. Where both networks have as many blocks, so is what
    their blocks have in one field: the filters of all of them, say.
    """
    ours, theirs = target.to_plain(), baseline.to_plain()
    return tuple(found for part in _PARTS for found in _differences(ours[part], theirs[part], (part,)))


def single_layer(stack: tuple[str, ...]) -> tuple[Edit, ...]:
    """One recurrent layer alone has nothing between its layers, which goes with them."""
    single: dict[str, Plain] = {"layers": 1, "sublayers_between": [], "connectivity": "plain"}
    return tuple(Edit(path=(*stack, name), value=value) for name, value in single.items())


def spaced(class_name: str) -> str:
    """The name of a class in words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", class_name).lower()


def _apply(plain: dict[str, Plain], edit: Edit) -> None:
    *parents, last = edit.path
    for owner in _owners(plain, parents):
        if not isinstance(owner, dict) or last not in owner:
            continue
        if edit.without is None:
            owner[last] = edit.value
        else:
            owner[last] = [item for item in owner[last] if item["type"] != edit.without]


def _owners(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """Whatever lies at `path`: nothing, one value, or several."""
    if not path:
        yield value
        return
    name, *rest = path
    match value:
        case dict() if name in value:
            yield from _owners(value[name], rest)
        case list():
            for item in value if name == EVERY else value[int(name) : int(name) + 1]:
                yield from _owners(item, rest)


def _differences(ours: Plain, theirs: Plain, path: tuple[str, ...]) -> Iterator[Component]:
    if ours == theirs:
        return
    if isinstance(ours, dict) and isinstance(theirs, dict) and _are_alike(ours, theirs):
        for name, value in ours.items():
            yield from _differences(value, theirs[name], (*path, name))
        return
    if path[-1] == "settings":
        yield from _of_settings(ours, theirs, path)
        return
    our_rows, their_rows = _rows(ours), _rows(theirs)
    if our_rows and len(our_rows) == len(their_rows) and our_rows[0]["type"] == their_rows[0]["type"]:
        for name in our_rows[0]:
            yield from _column([row[name] for row in our_rows], [row[name] for row in their_rows], path, name)
        return
    edits = single_layer(path[:-1]) if path[-2:] == _DEPTH and theirs == 1 else (Edit(path=path, value=theirs),)
    yield _difference(path, _words(ours), _words(theirs), edits)


def _are_alike(ours: dict[str, Plain], theirs: dict[str, Plain]) -> bool:
    """Whether they differ field by field: of networks of the user's own, those of one class alone have the same."""
    return all(ours.get(name) == theirs.get(name) for name in ("type", "name", "source"))


def _of_settings(ours: Any, theirs: Any, path: tuple[str, ...]) -> Iterator[Component]:
    """Fields of a network of the user's own, each under its own name."""
    for place, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        if mine["value"] != other["value"]:
            edit = Edit(path=(*path, str(place), "value"), value=other["value"])
            yield _difference((*path[:-1], mine["name"]), _words(mine["value"]), _words(other["value"]), (edit,))


def _column(ours: list[Plain], theirs: list[Plain], path: tuple[str, ...], name: str) -> Iterator[Component]:
    """One field of all blocks of a network."""
    if ours == theirs:
        return
    edits = [Edit(path=(*path, str(index), name), value=value) for index, value in enumerate(theirs)]
    yield _difference((*path, name), _column_words(ours), _column_words(theirs), edits)


def _difference(path: tuple[str, ...], ours: str, theirs: str, edits: Iterable[Edit]) -> Component:
    name = ".".join(path[1:] if path[0] == "network" and len(path) > 1 else path)
    return Component(
        slug=re.sub(r"[^a-z0-9]+", "-", name),
        name=name,
        levels=(ours, theirs),
        sides=(f"{name} {ours}", f"{name} {theirs}"),
        present=f"{name} {ours} rather than {theirs}",
        absent=f"{name}: {ours} -> {theirs}",
        edits=tuple(edits),
    )


def _rows(value: Plain) -> list[dict[str, Plain]]:
    """The items of a sequence of blocks: of one class, with several fields. None of any other value."""
    items = value if isinstance(value, list) else []
    rows = [item for item in items if isinstance(item, dict) and len(item) > 2]
    return rows if len(rows) == len(items) and len({str(row["type"]) for row in rows}) == 1 else []


def _column_words(values: list[Plain]) -> str:
    words = [_words(value) for value in values]
    return (" | " if any(isinstance(value, list) for value in values) else ", ").join(words)


def _words(value: Plain) -> str:
    """A value as a level shows it: sublayers by name and rate, a stack by its class alone, blocks by their number."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list():
            rows = _rows(value)
            blocks = f"{len(rows)} {spaced(str(rows[0]['type']))}s" if len(rows) > 1 else ""
            return blocks or ", ".join(_words(item) for item in value) or "none"
        case dict():
            fields = [_words(field) for name, field in value.items() if name != "type"]
            words = " ".join([spaced(str(value["type"])), *(fields if len(fields) == 1 else [])])
            return str(value["name"]) if "source" in value else words
        case _:
            return str(value)


_RECURRENT = "RecurrentStack"
_ATTENDING = frozenset({"ConformerStack", "TransformerStack"})
_PLACES = {
    "convolution": "in the convolution",
    "recurrent": "in the recurrent layers",
    "attention": "in the layers that attend",
    "head": "in the head",
    "dense": "in the dense layers",
}
_STACKS = frozenset({"attention", "convolution"})
"""Fields of classifiers that hold what speech networks have, too."""
_MAY_LACK_DENSE = frozenset({"BandCnn", "FrameCnn", "MfccVgg", "WaveformVgg"})
"""Classifiers whose outputs can follow their convolutions at once."""
_KEEP = frozenset({"MaxPool"})
"""Sublayers without which a network would be of another size, and is not what it was."""


def removals(target: Variant) -> tuple[Component, ...]:
    """What can be taken out of the network and the recipe of `target`.

    Of a speech network: sublayers of each class, dense connections, dilation, the second direction, recurrent layers
    after the first, and the convolution where there is something behind it. Of layers that attend: the convolution
    module, dropout, positions, and layers after the first. Of a classifier: dropout, batch norm, the L2 penalty,
    residual blocks, recurrent layers after the first, dense layers that it can do without. Of the recipe: each kind of
    augmentation, and the schedule of the learning rate.
    """
    plain = target.to_plain()
    network, recipe = plain["network"], plain["recipe"]
    assert isinstance(network, dict)
    assert isinstance(recipe, dict)
    of_network = _of_speech if target.network.task == "transcription" else _of_classifier
    return (*of_network(network), *_of_recipe(recipe))


def _of_speech(network: Mapping[str, Plain]) -> Iterator[Component]:
    for part, stack in network.items():
        if isinstance(stack, dict):
            yield from _of_stack(stack, part)
    behind = network.get("recurrent") is not None or network.get("attention") is not None
    if network.get("convolution") is not None and behind:
        yield _removal("convolution", "the convolution", Edit(path=("network", "convolution")))


def _of_stack(stack: Mapping[str, Plain], part: str) -> Iterator[Component]:
    path, place = ("network", part), _PLACES.get(part, f"in {part}")
    for name, value in stack.items():
        if isinstance(value, list):
            where = place if name == "sublayers" else "between the recurrent layers"
            for kind in dict.fromkeys(str(item["type"]) for item in value if isinstance(item, dict)):
                edit = Edit(path=(*path, name), without=kind)
                yield _removal(f"{part}-{_hyphened(kind)}", f"{spaced(kind)} {where}", edit)
    if stack.get("connectivity", "plain") != "plain":
        edit = Edit(path=(*path, "connectivity"), value="plain")
        yield _removal(f"{part}-dense-connections", f"dense connections {place}", edit)
    if stack.get("dilation", "none") != "none":
        yield _removal(f"{part}-dilation", f"dilation {place}", Edit(path=(*path, "dilation"), value="none"))
    if stack.get("merge") is not None:
        yield _removal(f"{part}-second-direction", "the second direction", Edit(path=(*path, "merge")))
    if stack["type"] == _RECURRENT and stack["layers"] != 1:
        layers = "a second recurrent layer" if stack["layers"] == 2 else f"recurrent layers 2 to {stack['layers']}"
        yield _removal("recurrent-depth", layers, *single_layer(path))
    if stack["type"] in _ATTENDING:
        yield from _of_attention(stack, path, place)


def _of_attention(stack: Mapping[str, Plain], path: tuple[str, ...], place: str) -> Iterator[Component]:
    if stack.get("convolution") is not None:
        yield _removal("attention-convolution", "the convolution module", Edit(path=(*path, "convolution")))
    if stack["dropout"] is not None:
        yield _removal("attention-dropout", f"dropout {place}", Edit(path=(*path, "dropout")))
    if stack["positions"] != "none":
        yield _removal("attention-positions", "positions", Edit(path=(*path, "positions"), value="none"))
    if stack["layers"] != 1:
        layers = f"layers 2 to {stack['layers']} of those that attend"
        yield _removal("attention-depth", layers, Edit(path=(*path, "layers"), value=1))


def _of_classifier(network: Mapping[str, Plain]) -> Iterator[Component]:
    for part, value in network.items():
        yield from _of_items(_specs(value), part)
        if part in _STACKS and isinstance(value, dict):
            yield from _of_stack(value, part)
    if network.get("dropout") is not None:
        place = "after every dense layer" if network["type"] == "FeedForward" else "before the output"
        yield _removal("dropout", f"dropout {place}", Edit(path=("network", "dropout")))
    if network.get("batch_norm"):
        yield _removal("batch-norm", "batch norm", Edit(path=("network", "batch_norm"), value=False))
    if network.get("l2") is not None:
        yield _removal("l2", "the L2 penalty", Edit(path=("network", "l2")))
    match network.get("gru_units"):
        case [first, _, *_]:
            edit = Edit(path=("network", "gru_units"), value=[first])
            yield _removal("recurrent-depth", "recurrent layers after the first", edit)
    if network["type"] in _MAY_LACK_DENSE and network["dense"]:
        yield _removal("dense", "dense layers before the output", Edit(path=("network", "dense"), value=[]))


def _of_items(items: list[dict[str, Plain]], part: str) -> Iterator[Component]:
    """What the blocks of a classifier can do without, each time in all of them."""
    path, place = ("network", part, EVERY), _PLACES.get(part, f"in the {part}")
    if any(item.get("dropout") is not None for item in items):
        yield _removal(f"{part}-dropout", f"dropout {place}", Edit(path=(*path, "dropout")))
    sublayers = [sublayer for item in items for sublayer in _specs(item.get("sublayers"))]
    for kind in dict.fromkeys(str(sublayer["type"]) for sublayer in sublayers):
        if kind not in _KEEP:
            edit = Edit(path=(*path, "sublayers"), without=kind)
            yield _removal(f"{part}-{_hyphened(kind)}", f"{spaced(kind)} {place}", edit)
    if any(item["type"] == "SeStage" and item["blocks"] for item in items):
        yield _removal(f"{part}-residual-blocks", "residual blocks", Edit(path=(*path, "blocks"), value=0))


def _of_recipe(recipe: Mapping[str, Plain]) -> Iterator[Component]:
    for kind in dict.fromkeys(str(item["type"]) for item in _specs(recipe["augmentations"])):
        edit = Edit(path=("recipe", "augmentations"), without=kind)
        yield _removal(f"recipe-{_hyphened(kind)}", f"{spaced(kind)} while training", edit)
    if recipe["schedule"] is not None:
        yield _removal("recipe-schedule", "the schedule of the learning rate", Edit(path=("recipe", "schedule")))


def _specs(value: Plain) -> list[dict[str, Plain]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _removal(slug: str, present: str, *edits: Edit) -> Component:
    sides = (f"with {present}", f"without {present}")
    return Component(
        slug=slug,
        name=present,
        levels=("with", "without"),
        sides=sides,
        present=present,
        absent=sides[1],
        edits=edits,
    )


def _hyphened(class_name: str) -> str:
    return spaced(class_name).replace(" ", "-")
