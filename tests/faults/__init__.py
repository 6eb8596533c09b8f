"""A study and a search that go on at once while everything around them fails, by a schedule that a seed decides."""
