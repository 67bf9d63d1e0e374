//! The one integration-test binary: a second one would cost another link.

mod architecture;
mod bundle;
mod cli;
mod converge;
mod docs;
mod pty;
mod vault;
