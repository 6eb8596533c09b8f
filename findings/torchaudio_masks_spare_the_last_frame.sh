#!/usr/bin/env bash
# torchaudio's SpecAugment masks never cover the last frame, nor the last frequency: however many are drawn, that one
# value survives, while the first is masked as often as its neighbours near an edge are. Nor is a mask ever as wide as
# the parameter that is called its maximal width.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet torch==2.13.0 torchaudio==2.11.0 numpy==2.4.6
cat > "$folder/masks.py" <<'PYTHON'
import importlib
import sys

try:
    importlib.import_module("torchaudio")
except OSError:  # the published wheel's extension wants CUDA; masking is pure Python
    sys.modules["torchaudio._extension.utils"]._load_lib = lambda library: False
import torch
import torchaudio
from torchaudio.functional import mask_along_axis, mask_along_axis_iid

print("python", sys.version.split()[0], "torch", torch.__version__, "torchaudio", torchaudio.__version__)
FRAMES, WIDEST, DRAWS = 20, 6, 20_000
torch.manual_seed(0)


def shares(masked):
    """How often each frame is masked, and the widest mask; `masked` (draws, frames)."""
    return masked.double().mean(dim=0), int(masked.sum(dim=1).max())


each = mask_along_axis_iid(torch.ones(DRAWS, 1, 1, FRAMES), WIDEST, 0.0, 3)[:, 0, 0] == 0
alone = torch.stack([mask_along_axis(torch.ones(1, 1, FRAMES), WIDEST, 0.0, 2)[0, 0] == 0 for _ in range(DRAWS // 5)])
for name, masked in (("mask_along_axis_iid", each), ("mask_along_axis", alone)):
    by_frame, widest = shares(masked)
    print(f"{name}, {len(masked)} masks of up to {WIDEST} of {FRAMES} frames:")
    print("  share of masks that cover each frame:", " ".join(f"{share:.3f}" for share in by_frame.tolist()))
    print(f"  widest mask: {widest} frames")
    assert by_frame[0] > 0.03, "the first frame is no longer masked"
    assert by_frame[-1] == 0, "the last frame is masked now"
    assert widest == WIDEST - 1, "a mask is as wide as its parameter now"
print("the last frame is never masked, and no mask is as wide as mask_param")
PYTHON
"$folder/environment/bin/python" "$folder/masks.py"
