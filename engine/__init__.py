"""Everything that Gradient Lab computes. Knows no Streamlit; usable from a notebook or a shell."""
