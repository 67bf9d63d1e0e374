//! The terminal front end, and the kit that it is built with.
//!
//! The kit (everything here but `desk` and `screens`) knows nothing of the domain. How a key travels:
//!
//! ```text
//! terminal::TerminalDriver  events, time stamped           testing::Runner the same, scripted
//!   → input::Collector      presses, pastes; no releases
//!   → app::App              text for the focused field, or keymap → command
//!   → layers::Layer         the top layer, then the shell   → effects
//!   → app::App              applies effects; the driver draws once
//! ```
//!
//! A screen implements [`Layer`](layers::Layer) over an application context ([`Context`](layers::Context)), the program
//! as a whole implements [`Shell`](layers::Shell). Neither does I/O, reads a clock or blocks: slow work is a
//! [`Job`](worker::Job). What is typed is never logged.

pub mod app;
pub mod desk;
pub mod effect;
pub mod forms;
pub mod input;
pub mod keymap;
pub mod layers;
pub mod msg;
pub mod overlays;
pub mod paper_file;
pub mod picture;
pub mod places;
pub mod reach;
pub mod screens;
pub mod shell;
pub mod start;
pub mod terminal;
pub mod theme;
pub mod trays;
pub mod widgets;
pub mod worker;
