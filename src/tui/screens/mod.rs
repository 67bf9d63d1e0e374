//! The screens: what people see and press. They read through the desk and change through ops alone.

pub mod call_card;
pub mod forms;
pub mod health;
#[cfg(test)]
mod testing;
pub mod unlock;
#[cfg(test)]
mod unlock_tests;
