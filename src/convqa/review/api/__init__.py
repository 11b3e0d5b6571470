"""The REST API of the desk: results, corrections, labels and appeals for programs.

It sees and does what the account sees and does in the browser, by the same functions of the store.
"""
