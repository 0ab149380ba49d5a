"""Results as plotly figures: pure functions that draw and compute nothing.

``engine.figures.meta`` explains what a figure tells the app's chart component besides.
"""
