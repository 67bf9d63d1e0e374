//! The screens: what people see and press. They read through the desk and change through ops alone.

pub mod actions;
pub mod busy;
pub mod calendar;
pub mod call_card;
pub mod case;
pub mod cases;
pub mod childs_views;
mod doing;
pub mod doors;
mod due_list;
pub mod exchange;
pub mod find;
mod first_run;
pub mod forms;
pub mod health;
mod join;
pub mod library;
pub mod meetings;
mod new_words;
pub mod outreach;
pub mod policy;
mod preview;
mod printing;
mod sections;
mod sheet;
mod slip;
pub mod strength;
pub mod team;
#[cfg(test)]
mod team_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
pub(crate) mod tests;
pub mod today;
pub mod tour;
pub mod unlock;
#[cfg(test)]
mod unlock_tests;
mod viewer;
#[cfg(test)]
mod way_tests;
