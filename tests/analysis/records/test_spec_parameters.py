"""Specs as flat parameters."""

from dataclasses import replace

from soundproof.analysis.records.spec_parameters import (
    ABSENT,
    NONE,
    PRESENT,
    fill_absent,
    flatten_spec,
)
from soundproof.search_spaces.specs import (
    BareHead,
    BatchNorm,
    ConvStack,
    Dropout,
    RecurrentStack,
    Relu,
    SpeechNetwork,
)

CONVOLUTIONAL = SpeechNetwork(
    convolution=ConvStack(layers=12, filters=200, kernel_size=3, sublayers=(Dropout(rate=0.2), Relu())),
    recurrent=RecurrentStack(cell="gru", layers=1, units=200, merge="concat"),
    head=BareHead(),
)
RECURRENT = SpeechNetwork(
    convolution=None,
    recurrent=RecurrentStack(cell="lstm", layers=2, units=200, sublayers_between=(Dropout(rate=0.2),)),
    head=BareHead(),
)


def test_parameters_exist_only_where_their_class_is_chosen():
    """A network without convolution has no number of convolutions; the choice itself is a parameter."""
    convolutional, recurrent = flatten_spec(CONVOLUTIONAL.to_plain()), flatten_spec(RECURRENT.to_plain())
    assert convolutional["convolution"] == "ConvStack"
    assert convolutional["convolution.layers"] == 12
    assert recurrent["convolution"] is None
    assert not [name for name in recurrent if name.startswith("convolution.")]
    assert recurrent["recurrent.cell"] == "lstm"


def test_a_sequence_is_one_parameter_and_its_items_have_theirs():
    """The order of sublayers is one factor; the rate of a dropout exists where there is one."""
    sublayers = (Relu(), Dropout(rate=0.2), BatchNorm(), Dropout(rate=0.4))
    flat = flatten_spec(ConvStack(layers=1, filters=2, kernel_size=3, sublayers=sublayers).to_plain())
    assert flat["sublayers"] == "Relu, Dropout, BatchNorm, Dropout"
    assert flat["sublayers.Dropout.rate"] == 0.2
    assert flat["sublayers.Dropout 2.rate"] == 0.4
    assert {name: flat[name] for name in flat if "Relu" in name or "Norm" in name} == {
        "sublayers.Relu": PRESENT,
        "sublayers.BatchNorm": PRESENT,
    }


def test_a_network_without_a_stack_has_none_of_its_sequences():
    """Sublayers between recurrent layers are parameters where there are such layers; an empty sequence is `none`."""
    bare = SpeechNetwork(convolution=CONVOLUTIONAL.convolution, recurrent=None, head=CONVOLUTIONAL.head)
    rows = fill_absent([flatten_spec(network.to_plain()) for network in (bare, RECURRENT, CONVOLUTIONAL)])
    assert not [name for name in rows[0] if name.startswith("recurrent.")]
    assert rows[1]["recurrent.sublayers_between"] == "Dropout"
    assert rows[2]["recurrent.sublayers_between"] == NONE


def test_a_class_that_a_sequence_lacks_is_absent():
    """Whether there is dropout at all is a parameter of every convolution, of an empty sequence too."""
    networks = [
        replace(CONVOLUTIONAL, convolution=replace(CONVOLUTIONAL.convolution, sublayers=sublayers))
        for sublayers in ((Relu(), Dropout(rate=0.2)), (Relu(),), ())
    ]
    rows = fill_absent([flatten_spec(network.to_plain()) for network in networks])
    name = "convolution.sublayers"
    assert [row[f"{name}.Dropout"] for row in rows] == [PRESENT, ABSENT, ABSENT]
    assert [row[name] for row in rows] == ["Relu, Dropout", "Relu", NONE]
    assert [f"{name}.Dropout.rate" in row for row in rows] == [True, False, False]
