"""Closes windows and shows what they say: `closing` cuts and states, `reading` and `building` make each partner's
`statement`, `documents` write it. A statement is a pure function of rows before the cut and of the figures that
`Window.Stated` froze.
"""
