"""How much each factor matters, over trials of any design."""
