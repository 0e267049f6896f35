"""Pictures to vectors, scores, boxes: each evaluator one class, found by its ``kind``."""
