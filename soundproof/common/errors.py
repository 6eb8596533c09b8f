"""The one base of all errors that a user can cause."""


class UserError(ValueError):
    """Something that the user gave cannot be used.

    The message says what was expected, what was given, and what to do. The command line prints it, without a traceback,
    and exits with status 2.
    """
