"""The script that Streamlit runs when a visitor opens a page, and again at each change."""

from pages.ui.menu import show_page

show_page()
