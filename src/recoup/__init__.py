"""recoup (回款): loan collections and recovery, self-hosted."""

__version__ = "0.1.0"
