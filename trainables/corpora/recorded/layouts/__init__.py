"""Published layouts as rows of tables: what is said of a recording by a list beside it, its folder or its name."""
