"""The one base of all errors that a user can cause."""

from soundproof.common.passwords import without_passwords


class UserError(ValueError):
    """Something that the user gave cannot be used.

    The message says what was expected, what was given, and what to do. The command line prints it, without a traceback,
    and exits with status 2. Passwords in the addresses that it names are hidden.
    """

    def __init__(self, *arguments: object) -> None:
        super().__init__(*(without_passwords(part) if isinstance(part, str) else part for part in arguments))
