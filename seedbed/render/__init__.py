"""Tables, figures and pages from a run's numbers and pictures."""
