"""Everything that Gradient Lab computes. It does not use Streamlit, so a notebook or a shell can use it too."""
