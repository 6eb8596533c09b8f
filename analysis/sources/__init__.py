"""Results of other programs, read from where those leave them: tables, event files, folders, stores."""
