//! The screens: what people see and press. They read through the desk and change through ops alone.

pub mod busy;
pub mod call_card;
mod first_run;
pub mod forms;
pub mod health;
pub mod strength;
pub mod team;
#[cfg(test)]
mod team_tests;
#[cfg(test)]
mod testing;
pub mod tour;
pub mod unlock;
#[cfg(test)]
mod unlock_tests;
