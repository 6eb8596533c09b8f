#!/usr/bin/env bash
# torchaudio's Conformer is told the length of every clip, and a clip's real frames still depend on how much padding
# stands behind them: its convolutions read the padding, which the feed-forward modules before them have filled.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet torch==2.13.0 torchaudio==2.11.0 numpy==2.4.6
cat > "$folder/padding.py" <<'PYTHON'
import importlib
import sys

try:
    importlib.import_module("torchaudio")
except OSError:  # the published wheel's extension wants CUDA; the model is pure Python
    sys.modules["torchaudio._extension.utils"]._load_lib = lambda library: False
import torch
import torchaudio
from torchaudio.models import Conformer

print("python", sys.version.split()[0], "torch", torch.__version__, "torchaudio", torchaudio.__version__)
torch.manual_seed(0)
clip = torch.randn(1, 50, 16)
lengths = torch.tensor([50])


def differences(**options):
    """Of the clip's 50 real frames, alone against followed by 30 frames of zeros: the largest, and in how many."""
    torch.manual_seed(1)
    network = Conformer(16, 4, 32, 2, 7, **options).double().eval()
    with torch.no_grad():
        alone, _ = network(clip.double(), lengths)
        padded = torch.nn.functional.pad(clip, (0, 0, 0, 30)).double()
        # a second, longer clip makes the batch 80 frames long, as in any batch of unlike lengths
        batch = torch.cat([padded, torch.ones(1, 80, 16, dtype=torch.float64)])
        together, _ = network(batch, torch.tensor([50, 80]))
    difference = (together[0, :50] - alone[0]).abs().amax(dim=1)
    return float(difference.max()), int((difference > 1e-9).sum())


largest, frames = differences()
print(f"two layers, kernel of 7: largest difference {largest:.3f} (outputs are normalised), in {frames} of 50 frames")
assert largest > 1e-3, "the padding no longer reaches real frames"
assert frames == 50, "fewer frames are reached than before"
PYTHON
"$folder/environment/bin/python" -W ignore "$folder/padding.py"
