"""Runs under every misfortune at once, under one seed: the product's own executors on a clock and a database in memory.

`play` plays the history of a seed; what stands here is used by nothing of the product.
"""
