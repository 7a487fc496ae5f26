"""Statements on paper, in one language or two: `statement` chooses the words, `pdf` and `sheets` draw them.

The same statement in the same languages gives the same bytes: a paper holds no clock and no system font.
"""
