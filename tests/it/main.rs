//! The one integration-test binary: a second one would cost another link.

mod architecture;
mod converge;
mod vault;
