//! Meetings by keys.
