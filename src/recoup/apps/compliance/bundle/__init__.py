"""The bundle for auditors: entries, what they are, and a script that verifies them by itself."""
