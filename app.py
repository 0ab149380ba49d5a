"""Gradient Lab: start with ``streamlit run app.py``."""

from streamlit.starlette import App

from pages.ui.server import ROUTES, SCRIPT, warm_up

app = App(SCRIPT, routes=ROUTES, lifespan=warm_up)
