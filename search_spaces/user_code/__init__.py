"""Code of users: their files as modules, and what stands in a trial for each class of theirs."""
