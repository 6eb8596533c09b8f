"""What all parts of the package share: errors, the vocabulary of the record, texts and files. Standard library only."""
