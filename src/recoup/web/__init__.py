"""Toolkit: what all pages share: the frame, amounts and dates, masks, words, refusals."""
