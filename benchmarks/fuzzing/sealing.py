"""Digests made again after a change: what then lies there is damaged, and says that it is whole."""

import hashlib
import json
from typing import Any

from soundproof.trainables.corpora.audio.ogg import checksum as ogg_checksum
from soundproof.trainables.corpora.audio.ogg import page_end as ogg_page_end
from soundproof.trainables.sweeps.searching.journal import _digest as digest_of_log


def agents_events(content: bytes) -> bytes:
    """The file of an agents' study with the hashes that its events would have; as it is where it is none."""
    try:
        study = json.loads(content)
        last = f"{study['format']} {study['study']}"
        for event in study["events"]:
            given = {name: value for name, value in event.items() if name != "hash"}
            text = json.dumps([last, given], sort_keys=True, ensure_ascii=False)
            last = event["hash"] = hashlib.sha256(text.encode()).hexdigest()
        return json.dumps(study).encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return content


def ogg_pages(content: bytes) -> bytes:
    """An Ogg file with the checksums that its pages would have."""
    data, position = bytearray(content), 0
    while content.startswith(b"OggS", position):
        end = ogg_page_end(content, position)
        if end > len(content):
            break
        page = content[position : position + 22] + bytes(4) + content[position + 26 : end]
        data[position + 22 : position + 26] = ogg_checksum(page).to_bytes(4, "little")
        position = end
    return bytes(data)


def journal_lines(content: bytes) -> bytes:
    """A search's journal with the digest that each of its lines would have."""
    return b"\n".join(_line(line) for line in content.split(b"\n"))


def _line(line: bytes) -> bytes:
    try:
        log: dict[str, Any] = json.loads(line)
        log.pop("sha256", None)
        return json.dumps({**log, "sha256": digest_of_log(log)}).encode()
    except (ValueError, TypeError, AttributeError, RecursionError):
        return line
