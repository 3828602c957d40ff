"""What one works with in notebooks: models with sliders. ipywidgets is imported late."""
