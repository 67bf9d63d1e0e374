//! Sentences shown to people that more than one place needs.
