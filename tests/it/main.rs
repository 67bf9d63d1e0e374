//! The one integration-test binary.

mod converge;
