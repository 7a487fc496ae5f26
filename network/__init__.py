"""The certificate network of neighbouring shops.

A till, a page or a script calls `network.api`, which turns a request into one method of `network.application`.
The command loads aggregates of `network.domain`, which decide and trigger events. `network.committer` appends the
events of all commands that waited, in one transaction of `network.store`, and only then answers. Apart from that,
`network.projections` fold the log into views, one question each, from which reports, pages and statements read.
`network.settlement` closes windows and states who pays whom; `network.beside` runs what no till waits for.
`network.audit` trusts no view: it folds the log once more and compares. `merchants` knows all this only by HTTP.
"""
