"""What terminals and notebooks show: colours, HTML, LaTeX."""
