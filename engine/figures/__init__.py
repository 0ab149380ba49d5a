"""Results as plotly figures: pure functions that draw and compute nothing.

``engine.figures.meta`` explains the extra information that a figure carries for the app's chart component.
"""
