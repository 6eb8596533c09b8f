"""FLAC files of any samples, those that encoders refuse too."""

import numpy as np


def rice_flac(samples: np.ndarray) -> bytes:
    """A mono frame at 16 kHz: no predictor, one partition of Rice codes with parameter 14."""
    text = "00010000" + "00" + "0000" + f"{14:04b}"
    for sample in samples:
        unsigned = (int(sample) << 1) ^ (int(sample) >> 63)
        text += "0" * (unsigned >> 14) + "1" + f"{unsigned & 16383:014b}"
    text += "0" * (-len(text) % 8)
    head = bytes([0xFF, 0xF8, 0x75, 0x08, 0]) + (len(samples) - 1).to_bytes(2, "big")
    frame = head + bytes([crc(head, 7, 8)]) + int(text, 2).to_bytes(len(text) // 8, "big")
    frame += crc(frame, 0x8005, 16).to_bytes(2, "big")
    size = len(samples).to_bytes(2, "big")
    info = size + size + bytes(6) + (16_000 << 44 | 15 << 36 | len(samples)).to_bytes(8, "big") + bytes(16)
    return b"fLaC" + bytes([0x80]) + len(info).to_bytes(3, "big") + info + frame


def crc(content: bytes, polynomial: int, bits: int) -> int:
    """Bit by bit."""
    value = 0
    for byte in content:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value >> bits - 1 else 0)) & (1 << bits) - 1
    return value
