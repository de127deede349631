"""Tags and filters that templates of all rooms load as ``shown``."""
