"""Paying a window's debts through banks: pure functions of their arguments, with no clock, SQL or web.

`instructions -> pain001, payment_table` is the way out: what each debtor's bank is asked to pay.
`bank_file -> camt, statement_table -> lines -> match` is the way back: what the banks say happened.
"""
