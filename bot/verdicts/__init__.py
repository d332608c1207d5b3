"""What each file of a tree says by itself: judged once, remembered by its content."""
