"""What the records of a study or a search amount to, before it is shown anywhere."""
