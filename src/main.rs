//! mahoe.
fn main() {}
