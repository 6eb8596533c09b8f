"""What can be taken out of a variant, with nothing to compare it to: its components one by one."""

from collections.abc import Iterator, Mapping

from soundproof.search_spaces.components import EVERY, Component, Edit, single_layer, spaced
from soundproof.search_spaces.specs import Plain
from soundproof.search_spaces.studies import Variant

_RECURRENT = "RecurrentStack"
_PLACES = {
    "convolution": "in the convolution",
    "recurrent": "in the recurrent layers",
    "head": "in the head",
    "dense": "in the dense layers",
}
_MAY_LACK_DENSE = frozenset({"BandCnn", "FrameCnn", "MfccVgg", "WaveformVgg"})
"""Classifiers whose outputs can follow their convolutions at once."""
_KEEP = frozenset({"MaxPool"})
"""Sublayers without which a network would be of another size, and is not what it was."""


def removals(target: Variant) -> tuple[Component, ...]:
    """What can be taken out of the network and the recipe of `target`.

    Of a speech network: sublayers of each class, dense connections, dilation, the second direction, recurrent layers
    after the first, and the convolution where there is something recurrent behind it. Of a classifier: dropout, batch
    norm, the L2 penalty, residual blocks, recurrent layers after the first, dense layers that it can do without. Of the
    recipe: each kind of augmentation, and the schedule of the learning rate.
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
    if network.get("convolution") is not None and network.get("recurrent") is not None:
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


def _of_classifier(network: Mapping[str, Plain]) -> Iterator[Component]:
    for part, value in network.items():
        yield from _of_items(_specs(value), part)
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
    return Component(slug=slug, present=present, absent=f"without {present}", edits=edits)


def _hyphened(class_name: str) -> str:
    return spaced(class_name).replace(" ", "-")
