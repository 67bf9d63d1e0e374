//! What tests and benches share: seeded randomness, and the runner that types keys and reads the screen. Nothing in
//! here may guard a real vault.

pub mod dump;
pub mod entropy;
pub mod fuzz;
pub mod picture;
mod runner;
pub mod team;

pub use runner::{Runner, screen_text};

/// Times as a bench prints them: the middle, the slow twentieth, the slowest.
pub fn percentiles(mut times: Vec<std::time::Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    format!(
        "p50 {:.3} ms, p95 {:.3} ms, p99 {:.3} ms, max {:.3} ms, n {}",
        at(50),
        at(95),
        at(99),
        at(100),
        times.len()
    )
}
