"""Results as plotly figures: pure functions that draw and compute nothing.

What Plotly does not know stands in ``layout.meta`` for the app's chart component, and any other viewer ignores it:
``alt`` (the text for those who cannot see it), ``name`` (of saved files) and ``player``
({steps, arrows, run}: animate the traces whose ``meta.path`` is true; a new ``run`` that answers a click starts over).
``titles`` ({at, texts}: what the x axis is called at places of the page's player).
Traces may carry ``meta.rows`` and ``meta.at`` (their values, a row for each place of the page's player),
``meta.follow`` (a cursor at the player's step), ``meta.tag`` (a name at a path's head) and, by theme,
``meta.colorscale`` and ``meta.marker`` ({light, dark}).
"""
