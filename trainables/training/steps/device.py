"""Devices run operations later than they are issued: whoever measures time has to wait for them."""

import torch


def wait_for(device: torch.device) -> None:
    """Return when `device` has done all that was issued."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
