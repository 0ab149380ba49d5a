"""The script that Streamlit runs for each visitor and at each change."""

from pages.ui.menu import show_page

show_page()
