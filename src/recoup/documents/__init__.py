"""Toolkit: letters and statements as PDF, typeset by Typst; it knows no room."""
