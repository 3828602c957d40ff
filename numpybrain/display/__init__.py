"""Display in terminals and notebooks: colours, HTML, LaTeX."""
