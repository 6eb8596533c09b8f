"""Numbers of things in words."""


def counted(count: int, noun: str) -> str:
    """`1 trial`, `1,250 trials`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
