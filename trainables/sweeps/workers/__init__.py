"""The processes that train: what each is given, holds and reports."""
