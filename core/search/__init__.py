"""Finding messages by their words: an index beside the store, made from it and never the truth."""
