"""Who sits at a console, and how that is proved to the bridge and to the store."""
