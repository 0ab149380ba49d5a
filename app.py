"""Gradient Lab: start with ``streamlit run app.py``."""

from pages.ui.menu import show_page

show_page()
