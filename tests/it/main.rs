//! The one integration-test binary.

mod converge;
mod vault;
