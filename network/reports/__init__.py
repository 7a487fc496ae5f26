"""Reports on what certificates bring: for a partner, for the whole street, and what other terms would have changed.

`reading` asks the view `effects` for sums; `figures` makes figures of them, each with its period, what it is a share
of and how it is counted; `partner`, `street` and `what_if` put them together, as pure functions of what was read;
`documents` and `paper` write them as JSON, CSV and PDF.
Nothing here says what certificates *caused*: see `network.effect`.
"""
